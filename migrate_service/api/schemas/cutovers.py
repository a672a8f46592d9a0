# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.


"""Schemas of cutovers: when one begins, what it will take, what it took."""

from migrate_service import downtime
from migrate_service.api.schemas import parameters

create_request_body = parameters.obj(
    {
        'cutover': parameters.obj(
            {
                'at': parameters.time_or_null,
                'not_before': parameters.time_or_null,
                'not_after': parameters.time_or_null,
                'max_downtime': {
                    'type': ['integer', 'null'],
                    'minimum': 1,
                    'maximum': 86400,
                },
            },
            required=(),
        )
    }
)

_PARTS = dict.fromkeys(downtime.PARTS, parameters.number_or_null)
_NULLABLE = {'type': ['object', 'null']}
#: What was asked for.
cutover = (
    parameters.obj(
        {
            'not_before': parameters.time,
            'not_after': parameters.time_or_null,
            'max_downtime': parameters.number_or_null,
        }
    )
    | _NULLABLE
)
#: Seconds, and where each figure is from: ``rounds`` of this migration,
#: earlier ones of the ``source`` or the ``deployment``, or ``default``.
predicted_downtime = (
    parameters.obj(
        {
            'total': parameters.number_or_null,
            'parts': parameters.obj(_PARTS),
            'basis': parameters.obj(
                dict.fromkeys(downtime.PARTS, parameters.string)
            ),
        }
    )
    | _NULLABLE
)
#: Seconds.
actual_downtime = (
    parameters.obj(_PARTS | {'total': parameters.number_or_null}) | _NULLABLE
)
#: What the conversion is going to do.
conversion = (
    parameters.obj(
        {
            'kind': parameters.string_or_null,
            'writes': {'type': ['boolean', 'null']},
            'reasons': {'type': 'array', 'items': parameters.string},
            'warnings': {'type': 'array', 'items': parameters.string},
            'product': parameters.string_or_null,
            'disk_bus': parameters.string_or_null,
            'nic_model': parameters.string_or_null,
            'round': parameters.count,
            'planned_at': parameters.time,
            'error': parameters.error,
        }
    )
    | _NULLABLE
)
