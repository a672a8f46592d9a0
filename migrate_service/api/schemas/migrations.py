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

"""Schemas of migrations."""

import typing

from migrate_service import pipelines
from migrate_service import states
from migrate_service.api.schemas import cutovers
from migrate_service.api.schemas import parameters

_TRANSPORTS = ['auto', 'file', 'https', 'vddk', 'nfc']
_STEPS_OF_CONVERSION = ['auto', 'none', 'minimal', 'full']
#: Bytes a second: less would never end.
_SLOWEST = 64 * 1024

_networks = {
    'type': 'array',
    'maxItems': 128,
    'items': parameters.obj(
        {
            'source': parameters.name,
            'network_id': parameters.uuid,
            'subnet_id': parameters.uuid_or_null,
            'keep_mac': parameters.boolean,
            'keep_ip': parameters.boolean,
        },
        required=('source', 'network_id'),
    ),
}
_volume_types = {
    'type': 'array',
    'maxItems': 128,
    'items': parameters.obj(
        {'datastore': parameters.name, 'volume_type': parameters.name}
    ),
}
_security_groups = {
    'type': ['array', 'null'],
    'maxItems': 64,
    'uniqueItems': True,
    'items': parameters.name,
}
_metadata = {
    'type': 'object',
    'maxProperties': 64,
    'propertyNames': {'minLength': 1, 'maxLength': 255},
    'additionalProperties': {'type': 'string', 'maxLength': 255},
}
probe = parameters.obj(
    {
        'console': {'type': ['boolean', 'null']},
        'expect': {'type': ['string', 'null'], 'maxLength': 255},
        'timeout': {'type': 'integer', 'minimum': 10, 'maximum': 7200},
        'ping': parameters.boolean,
        'tcp_port': {
            'type': ['integer', 'null'],
            'minimum': 1,
            'maximum': 65535,
        },
    },
    required=(),
)
_override = {
    'type': 'array',
    'maxItems': 64,
    'uniqueItems': True,
    'items': parameters.name,
}
_name_or_null = parameters.name | {'type': ['string', 'null']}

#: What a user may choose, and what holds when it is not said.
options = {
    'mapping_id': parameters.uuid_or_null,
    'networks': _networks,
    'volume_type': _name_or_null,
    'volume_types': _volume_types,
    'flavor_id': _name_or_null,
    'security_groups': _security_groups,
    'key_name': _name_or_null,
    'availability_zone': _name_or_null,
    'metadata': _metadata,
    'keep_mac': parameters.boolean,
    'keep_ip': parameters.boolean,
    'convert': {'type': 'string', 'enum': _STEPS_OF_CONVERSION},
    'verify': {'type': 'string', 'enum': ['sample', 'full', 'source']},
    'transport': {'type': 'string', 'enum': _TRANSPORTS},
    'shutdown_timeout': {'type': 'integer', 'minimum': 0, 'maximum': 86400},
    'bandwidth_limit': {'type': ['integer', 'null'], 'minimum': _SLOWEST},
    'delta': {'type': 'string', 'enum': ['auto', 'compare']},
    'sync_interval': {
        'type': ['integer', 'null'],
        'minimum': 10,
        'maximum': 604800,
    },
    'probe': probe,
    'override': _override,
    'require_rehearsal': parameters.boolean,
    'acceptance': {'type': 'string', 'enum': ['manual', 'auto']},
    'auto_rollback': parameters.boolean,
}
DEFAULTS: dict[str, typing.Any] = {
    'mapping_id': None,
    'networks': [],
    'volume_type': None,
    'volume_types': [],
    'flavor_id': None,
    'security_groups': None,
    'key_name': None,
    'availability_zone': None,
    'metadata': {},
    'keep_mac': True,
    'keep_ip': True,
    'convert': 'auto',
    'verify': 'sample',
    'transport': 'auto',
    'shutdown_timeout': 300,
    'bandwidth_limit': None,
    'delta': 'auto',
    'sync_interval': None,
    'probe': {},
    'override': [],
    'require_rehearsal': False,
    'acceptance': 'manual',
    'auto_rollback': True,
}
PROBE_DEFAULTS = {
    'console': None,
    'expect': None,
    'timeout': 600,
    'ping': False,
    'tcp_port': None,
}

create_request_body = parameters.obj(
    {
        'migration': parameters.obj(
            {
                'source_id': parameters.uuid,
                'machine_id': parameters.name,
                'name': parameters.name,
                'kind': {'type': 'string', 'enum': ['cold', 'warm']},
            }
            | options,
            required=('source_id', 'machine_id'),
        )
    }
)

disk_progress = parameters.obj(
    {
        'key': parameters.string,
        'label': parameters.string_or_null,
        'size': parameters.count,
        'total': parameters.count,
        'copied': parameters.count,
        'read': parameters.count,
        'written': parameters.count,
        'rate': parameters.number_or_null,
    }
)

#: Seconds, by part; without conversion and boot.
_downtime = parameters.obj(
    {
        'shutdown': parameters.number_or_null,
        'delta': parameters.number_or_null,
        'total': parameters.number_or_null,
    }
) | {'type': ['object', 'null']}
round_of_copying = parameters.obj(
    {
        'number': parameters.count,
        'methods': parameters.free,
        'bytes': parameters.count,
        'seconds': parameters.number_or_null,
        'rate': parameters.number_or_null,
        'dirty_rate': parameters.number_or_null,
        'downtime': _downtime,
        'ended_at': parameters.time,
    }
)
_transport_tried = parameters.obj(
    {
        'transport': parameters.string,
        'rate': parameters.number_or_null,
        'error': parameters.string_or_null,
    }
)
_transport_unavailable = parameters.obj(
    {'transport': parameters.string, 'reason': parameters.string}
)
#: Which transport reads the disks, and why that one.
_transport = parameters.obj(
    {
        'chosen': parameters.string_or_null,
        'reason': parameters.string_or_null,
        'tried': {'type': 'array', 'items': _transport_tried},
        'unavailable': {'type': 'array', 'items': _transport_unavailable},
    }
) | {'type': ['object', 'null']}
progress = parameters.obj(
    {
        'percent': {'type': 'integer', 'minimum': 0, 'maximum': 100},
        'bytes_copied': parameters.count,
        'bytes_total': parameters.count,
        'rate': parameters.number_or_null,
        'seconds_left': parameters.number_or_null,
        'disks': {'type': 'array', 'items': disk_progress},
        'rounds': {'type': 'array', 'items': round_of_copying},
        'converges': {'type': ['boolean', 'null']},
        'next_round_at': parameters.time_or_null,
        'transport': _transport,
    }
)
#: The last one: ``status`` is ``requested``, ``running``, ``ended`` or
#: ``cancelled``, ``verdict`` then ``passed`` or ``failed``.
rehearsal = parameters.obj(
    {
        'id': parameters.string,
        'status': parameters.string,
        'verdict': parameters.string_or_null,
    }
) | {'type': ['object', 'null']}
migration = parameters.obj(
    {
        'id': parameters.string,
        'name': parameters.string,
        'kind': parameters.string,
        'status': {'enum': list(states.STATUSES)},
        'step': parameters.string_or_null,
        'source_id': parameters.string,
        'machine_id': parameters.string,
        'machine_name': parameters.string,
        'project_id': parameters.string,
        'user_id': parameters.string,
        'progress': progress,
        'attempt': parameters.count,
        'worker': parameters.string_or_null,
        'warnings': {'type': 'array', 'items': parameters.string},
        'error': parameters.error,
        'result': parameters.free,
        'cancel_requested_at': parameters.time_or_null,
        'retry_requested_at': parameters.time_or_null,
        'sync_requested_at': parameters.time_or_null,
        'cutover_at': parameters.time_or_null,
        'prepare_requested_at': parameters.time_or_null,
        'cutover': cutovers.cutover,
        'conversion': cutovers.conversion,
        'predicted_downtime': cutovers.predicted_downtime,
        'downtime': cutovers.actual_downtime,
        'rehearse_requested_at': parameters.time_or_null,
        'rehearsal': rehearsal,
        'accept_at': parameters.time_or_null,
        'rollback_requested_at': parameters.time_or_null,
        'created_at': parameters.time,
        'updated_at': parameters.time_or_null,
        'started_at': parameters.time_or_null,
        'ended_at': parameters.time_or_null,
    }
    | options
)
show_response_body = parameters.obj({'migration': migration})
index_request_query = parameters.query(
    ('created_at', 'name', 'status', 'machine_name'),
    name=parameters.name,
    status={'type': 'string', 'enum': list(states.STATUSES)},
    step={'type': 'string', 'enum': pipelines.all_steps()},
    source_id=parameters.name,
    machine_id=parameters.name,
    kind=parameters.name,
    all_projects=parameters.boolean,
)
index_response_body = parameters.page('migrations', migration)
