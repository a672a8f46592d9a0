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

"""Schemas of plans."""

import typing

from migrate_service.api.schemas import migrations
from migrate_service.api.schemas import parameters
from migrate_service.plans import states

RULES = ('stop', 'continue')
_kind = {'type': 'string', 'enum': ['cold', 'warm']}
_status = {'type': 'string', 'enum': list(states.STATUSES)}
_state = {'type': 'string', 'enum': list(states.MACHINE_STATES)}
_concurrency = {'type': ['integer', 'null'], 'minimum': 1, 'maximum': 10000}
_after = {
    'type': ['array', 'null'],
    'maxItems': 100,
    'uniqueItems': True,
    'items': parameters.name,
}
_name_or_null = parameters.name | {'type': ['string', 'null']}

#: Options of a migration, all or some; checked by themselves, so that an
#: error names the machine.
options = parameters.obj(migrations.options, required=())

_machine = parameters.obj(
    {
        'machine_id': parameters.name,
        'group': _name_or_null,
        'overrides': parameters.free,
    },
    required=('machine_id',),
)
_wave = parameters.obj(
    {
        'name': parameters.name,
        'after': _after,
        'concurrency': _concurrency,
        'machines': {
            'type': 'array',
            'minItems': 1,
            'maxItems': 5000,
            'items': _machine,
        },
    },
    required=('name', 'machines'),
)
_interval = {
    'not_before': parameters.time_or_null,
    'not_after': parameters.time_or_null,
}
_limit = {'type': ['integer', 'null'], 'minimum': 1, 'maximum': 86400}
_NULLABLE = {'type': ['object', 'null']}
_blackouts = {
    'type': 'array',
    'maxItems': 100,
    'items': parameters.obj(
        {'from': parameters.time, 'until': parameters.time}
    ),
}
_windows = parameters.obj(
    {
        'start': parameters.obj(_interval, required=()) | _NULLABLE,
        'cutover': parameters.obj(
            _interval | {'max_downtime': _limit}, required=()
        )
        | _NULLABLE,
        'blackouts': _blackouts,
    },
    required=(),
)
_shown_windows = parameters.obj(
    {
        'start': parameters.obj(_interval) | _NULLABLE,
        'cutover': parameters.obj(_interval | {'max_downtime': _limit})
        | _NULLABLE,
        'blackouts': _blackouts,
    }
)
_given = {
    'name': parameters.name,
    'description': parameters.text,
    'kind': _kind,
    'concurrency': _concurrency,
    'on_failure': {'type': 'string', 'enum': list(RULES)},
    'retries': {'type': 'integer', 'minimum': 0, 'maximum': 20},
    'options': parameters.free,
    'windows': _windows,
    'waves': {
        'type': 'array',
        'minItems': 1,
        'maxItems': 100,
        'items': _wave,
    },
}
DEFAULTS: dict[str, typing.Any] = {
    'description': None,
    'kind': 'cold',
    'concurrency': None,
    'on_failure': 'stop',
    'retries': 0,
    'options': {},
    'windows': {},
}
#: What can only be changed before the plan was started.
STRUCTURE = ('kind', 'options', 'waves')

create_request_body = parameters.obj(
    {
        'plan': parameters.obj(
            {'source_id': parameters.uuid} | _given,
            required=('source_id', 'name', 'waves'),
        )
    }
)
update_request_body = parameters.obj(
    {'plan': parameters.obj(_given, required=(), minProperties=1)}
)

_progress = parameters.obj(
    {
        'machines': parameters.count,
        'percent': {'type': 'integer', 'minimum': 0, 'maximum': 100},
    }
    | dict.fromkeys(states.MACHINE_STATES, parameters.count)
)
_shown_wave = parameters.obj(
    {
        'name': parameters.string,
        'after': {'type': ['array', 'null'], 'items': parameters.string},
        'concurrency': _concurrency,
        'status': {
            'type': 'string',
            'enum': ['pending', 'running', 'done', 'failed'],
        },
        'machine_count': parameters.count,
    }
)
plan = parameters.obj(
    {
        'id': parameters.string,
        'name': parameters.string,
        'description': parameters.string_or_null,
        'status': _status,
        'source_id': parameters.string,
        'kind': _kind,
        'project_id': parameters.string,
        'user_id': parameters.string,
        'concurrency': _concurrency,
        'on_failure': parameters.string,
        'retries': parameters.count,
        'options': parameters.free,
        'windows': _shown_windows,
        'cutover_requested_at': parameters.time_or_null,
        'waves': {'type': 'array', 'items': _shown_wave},
        'progress': _progress,
        'error': parameters.error,
        'created_at': parameters.time,
        'updated_at': parameters.time_or_null,
        'started_at': parameters.time_or_null,
        'ended_at': parameters.time_or_null,
    }
)
machine = parameters.obj(
    {
        'machine_id': parameters.string,
        'name': parameters.string,
        'position': parameters.count,
        'wave': parameters.string,
        'group': parameters.string_or_null,
        'overrides': parameters.free,
        'state': _state,
        'retries': parameters.count,
        'migration_id': parameters.string_or_null,
        'migration_status': parameters.string_or_null,
        'migration_step': parameters.string_or_null,
        'error': parameters.error,
    }
)
event = parameters.obj(
    {
        'id': parameters.string,
        'event': parameters.string,
        'status': parameters.string,
        'wave': parameters.string_or_null,
        'machine_id': parameters.string_or_null,
        'migration_id': parameters.string_or_null,
        'user_id': parameters.string_or_null,
        'message': parameters.string_or_null,
        'created_at': parameters.time,
    }
)

show_response_body = parameters.obj({'plan': plan})
index_request_query = parameters.query(
    ('created_at', 'name', 'status'),
    name=parameters.name,
    status=_status,
    source_id=parameters.name,
    all_projects=parameters.boolean,
)
index_response_body = parameters.page('plans', plan)
machines_request_query = parameters.query(
    ('position', 'name'), name=parameters.name
)
machines_response_body = parameters.page('machines', machine)
events_request_query = parameters.query(
    ('id',),
    marker={
        'type': 'string',
        'pattern': '^[0-9]{1,10}$',
        'description': 'the id of the last item seen.',
    },
)
events_response_body = parameters.page('events', event)
