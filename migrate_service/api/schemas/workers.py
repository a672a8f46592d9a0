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

"""Schemas of workers."""

from migrate_service.api.schemas import parameters

_state = {'type': 'string', 'enum': ['enabled', 'disabled', 'draining']}

worker = parameters.obj(
    {
        'name': parameters.string,
        'state': _state,
        'reason': parameters.string_or_null,
        'alive': parameters.boolean,
        'version': parameters.string,
        'slots': parameters.count,
        'used': parameters.count,
        'load': parameters.free,
        'transports': {'type': 'array', 'items': parameters.string},
        'facts': parameters.free,
        'last_seen_at': parameters.time_or_null,
        'created_at': parameters.time,
        'updated_at': parameters.time_or_null,
    }
)
show_response_body = parameters.obj({'worker': worker})
index_request_query = parameters.query(('name', 'created_at'), state=_state)
index_response_body = parameters.page('workers', worker)
update_request_body = parameters.obj(
    {
        'worker': parameters.obj(
            {'state': _state, 'reason': parameters.text},
            required=(),
            minProperties=1,
        )
    }
)
