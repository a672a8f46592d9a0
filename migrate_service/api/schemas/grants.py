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

"""Schemas of grants."""

from migrate_service.api.schemas import parameters

_entries = {
    'type': 'array',
    'maxItems': 64,
    'uniqueItems': True,
    'items': parameters.name | {'maxLength': 1024},
}
_parts = {'folders': _entries, 'tags': _entries, 'resource_pools': _entries}
_project = {'type': 'string', 'minLength': 1, 'maxLength': 64}

create_request_body = parameters.obj(
    {
        'grant': parameters.obj(
            {'project_id': _project} | _parts, required=('project_id',)
        )
    }
)
grant = parameters.obj(
    {
        'id': parameters.string,
        'source_id': parameters.string,
        'project_id': parameters.string,
    }
    | _parts
    | {
        'machine_count': parameters.count,
        'user_id': parameters.string,
        'created_at': parameters.time,
    }
)
show_response_body = parameters.obj({'grant': grant})
index_request_query = parameters.query(
    ('created_at', 'project_id'), project_id=parameters.name
)
index_response_body = parameters.page('grants', grant)
delete_request_query = parameters.obj(
    {'force': parameters.boolean}, required=()
)
