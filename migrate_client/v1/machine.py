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


"""Machines: what the inventory of a source knows of them."""

from openstack import resource

from migrate_client.v1 import _base


class Machine(_base.Resource):
    resource_key = 'machine'
    resources_key = 'machines'
    base_path = '/sources/%(source_id)s/machines'
    allow_fetch = True
    allow_list = True
    _query_mapping = resource.QueryParameters(
        'name',
        'power_state',
        'folder',
        'cluster',
        'tag',
        'guest_family',
        'sort_key',
        'sort_dir',
    )

    #: The source that it belongs to.
    source_id = resource.URI('source_id')
    #: Whether its changed blocks are tracked.
    change_tracking = resource.Body('change_tracking', type=bool)
    cluster = resource.Body('cluster')
    connection_state = resource.Body('connection_state')
    consolidation_needed = resource.Body('consolidation_needed', type=bool)
    cpus = resource.Body('cpus', type=int)
    #: Its disks; sizes in bytes.
    disks = resource.Body('disks', type=list)
    #: Bytes that it takes on its datastores.
    committed = resource.Body('committed', type=int)
    encrypted = resource.Body('encrypted', type=bool)
    fault_tolerance = resource.Body('fault_tolerance', type=bool)
    #: ``bios`` or ``efi``.
    firmware = resource.Body('firmware')
    folder = resource.Body('folder')
    #: ``linux``, ``windows`` or ``other``.
    guest_family = resource.Body('guest_family')
    guest_id = resource.Body('guest_id')
    guest_name = resource.Body('guest_name')
    hardware_version = resource.Body('hardware_version')
    host = resource.Body('host')
    hostname = resource.Body('hostname')
    #: Methods that another product does not allow on it.
    locked = resource.Body('locked', type=list)
    #: The product that manages it.
    managed_by = resource.Body('managed_by')
    memory_mib = resource.Body('memory_mib', type=int)
    #: Whether it may run virtual machines itself.
    nested = resource.Body('nested', type=bool)
    #: Its network interfaces.
    nics = resource.Body('nics', type=list)
    #: The devices of the host that it uses.
    passthrough = resource.Body('passthrough', type=list)
    #: ``on``, ``off`` or ``suspended``.
    power_state = resource.Body('power_state')
    #: What it waits to be answered.
    question = resource.Body('question')
    resource_pool = resource.Body('resource_pool')
    secure_boot = resource.Body('secure_boot', type=bool)
    #: How many of them stand one below the other.
    snapshot_depth = resource.Body('snapshot_depth', type=int)
    #: How many snapshots it has.
    snapshots = resource.Body('snapshots', type=int)
    tags = resource.Body('tags', type=list)
    template = resource.Body('template', type=bool)
    #: VMware Tools: ``running``, ``stopped`` or ``missing``.
    tools = resource.Body('tools')
    tpm = resource.Body('tpm', type=bool)
    uuid = resource.Body('uuid')
