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

"""Schemas of simulations of plans."""

from migrate_service.api.schemas import parameters
from migrate_service.plans import simulation as plan_simulation

_many = {'type': 'integer', 'minimum': 1, 'maximum': 10000}
_bytes = {'type': 'integer', 'minimum': 1}
_bytes_or_null = _bytes | {'type': ['integer', 'null']}
_bound = {'type': 'string', 'enum': list(plan_simulation.BOUNDS)}

show_request_query = parameters.obj(
    {
        'nodes': _many,
        'slots': _many,
        'budget': _bytes,
        'concurrency': _many,
    },
    required=(),
)
_wave = parameters.obj(
    {
        'name': parameters.string,
        'begins_at': parameters.time_or_null,
        'ends_at': parameters.time_or_null,
    }
)
_relief = parameters.obj(
    {
        'bound': _bound,
        'seconds': parameters.count | {'type': ['integer', 'null']},
    }
)
simulation = parameters.obj(
    {
        'nodes': parameters.count,
        'slots': parameters.count,
        'budget': _bytes_or_null,
        'concurrency': parameters.count | {'type': ['integer', 'null']},
        'bytes': parameters.count,
        'measured': parameters.boolean,
        'begins_at': parameters.time,
        'ends_at': parameters.time_or_null,
        'seconds': parameters.count | {'type': ['integer', 'null']},
        'reason': parameters.string_or_null,
        'peak': parameters.count,
        'bottleneck': {'type': ['string', 'null']},
        'relief': {'type': ['array', 'null'], 'items': _relief},
        'waves': {'type': 'array', 'items': _wave},
    }
)
show_response_body = parameters.obj({'simulation': simulation})
