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
"""Schemas of assessments."""

from migrate_service.api.schemas import concerns
from migrate_service.api.schemas import migrations
from migrate_service.api.schemas import parameters
from migrate_service.concerns import model

STATUSES = ('accepted', 'running', 'completed', 'error')
#: The options of a migration that rules look at.
OPTIONS = (
    'mapping_id',
    'networks',
    'volume_type',
    'volume_types',
    'flavor_id',
    'security_groups',
    'key_name',
    'availability_zone',
    'metadata',
    'keep_mac',
    'keep_ip',
    'convert',
    'transport',
    'override',
)
DEFAULTS = {name: migrations.DEFAULTS[name] for name in OPTIONS}
options = {name: migrations.options[name] for name in OPTIONS}
_kind = {'type': 'string', 'enum': list(model.KINDS)}
_count_or_null = {'type': ['integer', 'null']}
_severity = {'type': ['string', 'null'], 'enum': [*model.SEVERITIES, None]}

create_request_body = parameters.obj(
    {
        'assessment': parameters.obj(
            {
                'source_id': parameters.uuid,
                'machine_ids': {
                    'type': 'array',
                    'minItems': 1,
                    'maxItems': 10000,
                    'uniqueItems': True,
                    'items': parameters.name,
                },
                'all': {'type': 'boolean'},
                'kind': _kind,
            }
            | options,
            required=('source_id',),
        )
    }
)

_rate = parameters.obj(
    {
        'value': {'type': 'number'},
        'measured': parameters.boolean,
        'samples': parameters.count,
    }
)
_quota = parameters.obj(
    {
        'name': parameters.string,
        'needed': parameters.count,
        'limit': _count_or_null,
        'used': _count_or_null,
        'free': _count_or_null,
        'suffices': parameters.boolean,
    }
)
_rates = parameters.obj(
    {
        'copy_rate': _rate,
        'shutdown': _rate,
        'delta': _rate,
        'convert': _rate,
        'boot': _rate,
    }
)
_totals = parameters.obj(
    {
        'machines': parameters.count,
        'blocked': parameters.count,
        'warned': parameters.count,
        'bytes': parameters.count,
        'copy_seconds': parameters.count,
        'quotas': {'type': 'array', 'items': _quota},
        'rates': _rates,
    }
) | {'type': ['object', 'null']}
assessment = parameters.obj(
    {
        'id': parameters.string,
        'status': {'type': 'string', 'enum': list(STATUSES)},
        'kind': _kind,
        'source_id': parameters.string,
        'project_id': parameters.string,
        'user_id': parameters.string,
        'machine_count': parameters.count,
        'totals': _totals,
        'error': parameters.error,
        'created_at': parameters.time,
        'ended_at': parameters.time_or_null,
    }
    | options
)
_flavor = parameters.obj(
    {
        'id': parameters.string,
        'name': parameters.string,
        'vcpus': parameters.count,
        'memory_mib': parameters.count,
        'waste': parameters.obj(
            {'vcpus': parameters.count, 'memory_mib': parameters.count}
        ),
    }
) | {'type': ['object', 'null']}
_volume = parameters.obj(
    {
        'disk': parameters.string,
        'label': parameters.string,
        'gibibytes': parameters.count,
        'volume_type': parameters.string_or_null,
    }
)
_prediction = parameters.obj(
    {
        'bytes': parameters.count,
        'copy_seconds': parameters.count,
        'downtime_seconds': parameters.count,
        'measured': parameters.boolean,
    }
)
machine = parameters.obj(
    {
        'machine_id': parameters.string,
        'name': parameters.string,
        'position': parameters.count,
        'severity': _severity,
        'concerns': concerns.concerns,
        'flavor': _flavor,
        'volumes': {'type': 'array', 'items': _volume},
        'size': parameters.count,
        'prediction': _prediction,
    }
)

show_response_body = parameters.obj({'assessment': assessment})
index_request_query = parameters.query(
    ('created_at', 'status'),
    status={'type': 'string', 'enum': list(STATUSES)},
    source_id=parameters.name,
    kind=_kind,
    all_projects=parameters.boolean,
)
index_response_body = parameters.page('assessments', assessment)
machines_request_query = parameters.query(
    ('position', 'name'),
    name=parameters.name,
    severity={'type': 'string', 'enum': list(model.SEVERITIES)},
)
machines_response_body = parameters.page('machines', machine)
