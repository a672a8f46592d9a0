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

"""Schemas of the inventory of a source."""

from migrate_service.api.schemas import parameters

_age = {
    'inventory_at': parameters.time_or_null,
    'inventory_age': parameters.number_or_null,
}
_strings = {'type': 'array', 'items': parameters.string}
_flag = parameters.boolean
#: What an inventory that was read by an older worker lacks.
_LATER = (
    'snapshot_depth',
    'fault_tolerance',
    'nested',
    'passthrough',
    'locked',
    'managed_by',
    'question',
    'committed',
)

disk = parameters.obj(
    {
        'key': parameters.string,
        'label': parameters.string,
        'size': parameters.count,
        'datastore': parameters.string_or_null,
        'path': parameters.string_or_null,
        'kind': parameters.string,
        'mode': parameters.string,
        'sharing': parameters.string,
        'thin': _flag,
        'has_parent': _flag,
        'controller': parameters.string_or_null,
        'unit': {'type': ['integer', 'null']},
        'encrypted': _flag,
        'change_id': parameters.string_or_null,
        'bus_sharing': parameters.string,
    },
    optional=('bus_sharing',),
)
nic = parameters.obj(
    {
        'key': parameters.string,
        'label': parameters.string,
        'mac': parameters.string,
        'network': parameters.string_or_null,
        'model': parameters.string_or_null,
        'connected': _flag,
        'addresses': _strings,
    }
)
machine = parameters.obj(
    {
        'id': parameters.string,
        'source_id': parameters.string,
        'key': parameters.string,
        'name': parameters.string,
        'power_state': parameters.string,
        'uuid': parameters.string_or_null,
        'folder': parameters.string_or_null,
        'cluster': parameters.string_or_null,
        'host': parameters.string_or_null,
        'resource_pool': parameters.string_or_null,
        'guest_id': parameters.string_or_null,
        'guest_name': parameters.string_or_null,
        'guest_family': parameters.string,
        'hostname': parameters.string_or_null,
        'cpus': parameters.count,
        'memory_mib': parameters.count,
        'firmware': parameters.string,
        'secure_boot': _flag,
        'tpm': _flag,
        'encrypted': _flag,
        'template': _flag,
        'tools': parameters.string,
        'hardware_version': parameters.string_or_null,
        'change_tracking': _flag,
        'snapshots': parameters.count,
        'snapshot_depth': parameters.count,
        'consolidation_needed': _flag,
        'connection_state': parameters.string,
        'fault_tolerance': _flag,
        'nested': _flag,
        'passthrough': _strings,
        'locked': _strings,
        'managed_by': parameters.string_or_null,
        'question': parameters.string_or_null,
        'committed': {'type': ['integer', 'null']},
        'tags': _strings,
        'disks': {'type': 'array', 'items': disk},
        'nics': {'type': 'array', 'items': nic},
    },
    optional=_LATER,
)
network = parameters.obj(
    {
        'id': parameters.string,
        'key': parameters.string,
        'name': parameters.string,
        'vlan': {'type': ['integer', 'null']},
    }
)
datastore = parameters.obj(
    {
        'id': parameters.string,
        'key': parameters.string,
        'name': parameters.string,
        'kind': parameters.string,
        'capacity': {'type': ['integer', 'null']},
        'free': {'type': ['integer', 'null']},
    }
)

machines_request_query = parameters.query(
    ('name', 'id', 'power_state'),
    name=parameters.name,
    power_state={'type': 'string', 'enum': ['on', 'off', 'suspended']},
    folder=parameters.name | {'maxLength': 1024},
    cluster=parameters.name,
    tag=parameters.name,
    guest_family={'type': 'string', 'enum': ['linux', 'windows', 'other']},
)
machines_response_body = parameters.page('machines', machine, **_age)
machine_response_body = parameters.obj({'machine': machine})
items_request_query = parameters.query(('name', 'id'), name=parameters.name)
networks_response_body = parameters.page('networks', network, **_age)
datastores_response_body = parameters.page('datastores', datastore, **_age)
