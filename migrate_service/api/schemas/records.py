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

"""Schemas of what a migration leaves: events, log, manifest."""

from migrate_service.api.schemas import parameters

event = parameters.obj(
    {
        'id': parameters.string,
        'event': parameters.string,
        'status': parameters.string,
        'step': parameters.string_or_null,
        'attempt': parameters.count,
        'worker': parameters.string_or_null,
        'user_id': parameters.string_or_null,
        'message': parameters.string_or_null,
        'details': parameters.free,
        'created_at': parameters.time,
    }
)
piece = parameters.obj(
    {
        'id': parameters.string,
        'step': parameters.string,
        'tool': parameters.string,
        'attempt': parameters.count,
        'text': parameters.string,
        'created_at': parameters.time,
    }
)
disk = parameters.obj(
    {
        'key': parameters.string,
        'hashes': {'type': 'array', 'items': parameters.string_or_null},
    }
)

_marker = {
    'type': 'string',
    'pattern': '^[0-9]{1,10}$',
    'description': 'the id of the last item seen.',
}
events_request_query = parameters.query(('id',), marker=_marker)
events_response_body = parameters.page('events', event)
log_request_query = parameters.query(
    ('id',), marker=_marker, step=parameters.name, tool=parameters.name
)
log_response_body = parameters.page('log', piece)
manifest_request_query = parameters.obj({'disk': parameters.name}, required=())
manifest_response_body = parameters.obj(
    {
        'manifest': parameters.obj(
            {
                'algorithm': parameters.string,
                'region_size': parameters.count,
                'disks': {'type': 'array', 'items': disk},
            }
        )
    }
)
