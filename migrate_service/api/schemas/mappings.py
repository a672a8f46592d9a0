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

"""Schemas of mappings."""

from migrate_service import mapping as mapped
from migrate_service.api.schemas import migrations
from migrate_service.api.schemas import parameters

options = {name: migrations.options[name] for name in mapped.OPTIONS}
DEFAULTS = {name: migrations.DEFAULTS[name] for name in mapped.OPTIONS}

_texts = {'name': parameters.name, 'description': parameters.text}
_machine_ids = {
    'type': 'array',
    'minItems': 1,
    'maxItems': 10000,
    'uniqueItems': True,
    'items': parameters.name,
}

create_request_body = parameters.obj(
    {
        'mapping': parameters.obj(
            _texts | {'source_id': parameters.uuid} | options,
            required=('name', 'source_id'),
        )
    }
)
update_request_body = parameters.obj(
    {'mapping': parameters.obj(_texts | options, required=())}
)
mapping = parameters.obj(
    {
        'id': parameters.string,
        'name': parameters.string,
        'description': parameters.string_or_null,
        'source_id': parameters.string,
        'project_id': parameters.string,
        'user_id': parameters.string,
        'created_at': parameters.time,
        'updated_at': parameters.time_or_null,
    }
    | options
)
show_response_body = parameters.obj({'mapping': mapping})
index_request_query = parameters.query(
    ('created_at', 'name'),
    name=parameters.name,
    source_id=parameters.name,
    all_projects=parameters.boolean,
)
index_response_body = parameters.page('mappings', mapping)

unmapped_request_body = parameters.obj(
    {
        'unmapped': parameters.obj(
            {'machine_ids': _machine_ids, 'all': parameters.boolean},
            required=(),
        )
    }
)


def _open(part):
    return {
        'type': 'array',
        'items': parameters.obj(
            {
                part: parameters.string,
                'name': parameters.string,
                'machine_ids': {'type': 'array', 'items': parameters.string},
            }
        ),
    }


unmapped_response_body = parameters.obj(
    {
        'unmapped': parameters.obj(
            {
                'machine_count': parameters.count,
                'networks': _open('source'),
                'datastores': _open('datastore'),
            }
        )
    }
)
