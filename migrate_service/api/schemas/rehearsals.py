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

"""Schemas of rehearsals."""

from migrate_service.api.schemas import migrations
from migrate_service.api.schemas import parameters
from migrate_service.db.api import rehearsals as rehearsals_db

_http = parameters.obj(
    {
        'port': {'type': 'integer', 'minimum': 1, 'maximum': 65535},
        'path': {'type': 'string', 'pattern': '^/[!-~]{0,254}$'},
    },
    required=('port',),
) | {'type': ['object', 'null']}
#: Those of a migration, and one more.
_probe = migrations.probe['properties'] | {'http': _http}
probe = parameters.obj(_probe, required=()) | {'type': ['object', 'null']}

create_request_body = parameters.obj(
    {
        'rehearsal': parameters.obj(
            {'network_id': parameters.uuid_or_null, 'probe': probe},
            required=(),
        )
    }
)
summary = parameters.obj(
    {
        'id': parameters.string,
        'migration_id': parameters.string,
        'user_id': parameters.string,
        'status': {'enum': list(rehearsals_db.STATUSES)},
        'verdict': {'enum': [*rehearsals_db.VERDICTS, None]},
        'error': parameters.error,
        'network_id': parameters.string_or_null,
        'probe': probe,
        'result': parameters.free,
        'timings': parameters.free,
        'created_at': parameters.time,
        'started_at': parameters.time_or_null,
        'ended_at': parameters.time_or_null,
    }
)
rehearsal = parameters.obj(
    summary['properties'] | {'console': parameters.string_or_null}
)
index_request_query = parameters.query(('created_at',))
index_response_body = parameters.page('rehearsals', summary)
show_response_body = parameters.obj({'rehearsal': rehearsal})
