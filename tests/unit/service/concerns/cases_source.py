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
"""A case in which each concern of the source fires, and one where not.

``{code: (kind, fires, part of what it says, does not fire)}``
"""

import dataclasses

from migrate_service.concerns import reach
from tests.unit.service.concerns import build

GIB = 1024**3
TIB = 1024**4


def disks(count):
    return tuple(
        dataclasses.replace(build.DISK, key=str(2000 + number))
        for number in range(count)
    )


def nics(*networks):
    return tuple(
        dataclasses.replace(build.NIC, key=str(4000 + number), network=network)
        for number, network in enumerate(networks)
    )


def machine(**values):
    return build.make(machine=values)


def disk(**values):
    return build.make(disk=values)


def nic(**values):
    return build.make(nic=values)


def store(**values):
    known = build.SOURCE.datastores['datastore-1']
    return build.make(source={'datastores': {'datastore-1': known | values}})


CASES = {
    'concern.machine_template': (
        'cold',
        machine(template=True),
        'web is a template',
        machine(template=False),
    ),
    'concern.machine_unavailable': (
        'cold',
        machine(connection_state='orphaned'),
        'web is orphaned',
        machine(connection_state='connected'),
    ),
    'concern.machine_suspended': (
        'cold',
        machine(power_state='suspended'),
        'web is suspended',
        machine(power_state='off'),
    ),
    'concern.machine_off': (
        'warm',
        machine(power_state='off'),
        'web is off',
        machine(power_state='on'),
    ),
    'concern.machine_question': (
        'cold',
        machine(question='Did you move it, or copy it?'),
        'Did you move it',
        machine(question=None),
    ),
    'concern.machine_managed': (
        'cold',
        machine(managed_by='com.vmware.vim.eam'),
        'com.vmware.vim.eam',
        machine(managed_by=None),
    ),
    'concern.machine_locked': (
        'warm',
        machine(locked=('RelocateVM_Task',)),
        'RelocateVM_Task',
        machine(locked=()),
    ),
    'concern.fault_tolerance': (
        'warm',
        machine(fault_tolerance=True),
        'Fault Tolerance is on for web',
        machine(fault_tolerance=False),
    ),
    'concern.firmware_unsupported': (
        'cold',
        machine(firmware='csm'),
        'firmware csm',
        machine(firmware='efi'),
    ),
    'concern.secure_boot': (
        'cold',
        machine(firmware='efi', secure_boot=True),
        'Secure boot is on',
        machine(firmware='efi'),
    ),
    'concern.tpm': (
        'cold',
        machine(tpm=True),
        'virtual TPM',
        machine(firmware='efi'),
    ),
    'concern.machine_encrypted': (
        'cold',
        machine(encrypted=True),
        'web is encrypted',
        disk(encrypted=True),
    ),
    'concern.passthrough_device': (
        'warm',
        machine(passthrough=('PCI device 0',)),
        'PCI device 0',
        machine(passthrough=()),
    ),
    'concern.nested_virtualization': (
        'cold',
        machine(nested=True),
        'run virtual machines',
        machine(nested=False),
    ),
    'concern.tools_not_running': (
        'cold',
        machine(tools='missing'),
        'Tools are missing',
        machine(tools='missing', power_state='off'),
    ),
    'concern.no_disks': (
        'cold',
        machine(disks=()),
        'web has no disks',
        machine(disks=disks(1)),
    ),
    'concern.disk_rdm': (
        'cold',
        disk(kind='rdm'),
        'Hard disk 1 of web is a raw device mapping',
        disk(kind='sparse'),
    ),
    'concern.disk_encrypted': (
        'cold',
        disk(encrypted=True),
        'Hard disk 1 of web is encrypted',
        machine(encrypted=True),
    ),
    'concern.disk_shared': (
        'cold',
        disk(sharing='sharingMultiWriter'),
        'shared with other machines',
        disk(bus_sharing='physicalSharing'),
    ),
    'concern.disk_bus_shared': (
        'cold',
        disk(bus_sharing='physicalSharing'),
        'physicalSharing',
        disk(sharing='sharingMultiWriter'),
    ),
    'concern.disk_independent': (
        'warm',
        disk(mode='independent_persistent'),
        'is independent',
        disk(mode='persistent'),
    ),
    'concern.disk_format': (
        'cold',
        disk(kind='sparse'),
        'format sparse',
        disk(kind='sparse', has_parent=True),
    ),
    'concern.disk_object_store': (
        'cold',
        store(kind='vsan'),
        'the vsan datastore ds-fast',
        store(kind='NFS41'),
    ),
    'concern.disk_large': (
        'cold',
        disk(size=2 * TIB + 512),
        '2.0 TiB',
        disk(size=2 * TIB),
    ),
    'concern.disk_nvme': (
        'cold',
        disk(controller='VirtualNVMEController'),
        'NVMe',
        disk(controller='VirtualLsiLogicController'),
    ),
    'concern.many_disks': (
        'cold',
        machine(disks=disks(26)),
        '26 disks',
        machine(disks=disks(25)),
    ),
    'concern.snapshots': (
        'cold',
        machine(snapshots=2),
        '2 snapshots',
        machine(snapshots=0),
    ),
    'concern.snapshots_deep': (
        'cold',
        machine(snapshots=4, snapshot_depth=4),
        '4 deep',
        machine(snapshots=9, snapshot_depth=3),
    ),
    'concern.disk_chain': (
        'cold',
        disk(has_parent=True),
        'Hard disk 1 of web has a parent',
        build.make(disk={'has_parent': True}, machine={'snapshots': 1}),
    ),
    'concern.consolidation_needed': (
        'warm',
        machine(consolidation_needed=True),
        'need consolidation',
        machine(consolidation_needed=False),
    ),
    'concern.tracking_unsupported': (
        'warm',
        machine(hardware_version='vmx-04'),
        'vmx-04',
        machine(hardware_version='vmx-07'),
    ),
    'concern.tracking_off': (
        'warm',
        machine(change_tracking=False),
        'not tracked yet',
        machine(change_tracking=False, hardware_version='vmx-04'),
    ),
    'concern.tracking_ineffective': (
        'warm',
        disk(change_id=None),
        'Hard disk 1 of web is not tracked',
        disk(change_id=None, mode='independent_persistent'),
    ),
    'concern.datastore_full': (
        'warm',
        store(free=GIB - 1),
        'ds-fast has 1.0 GiB free',
        store(free=GIB),
    ),
    'concern.guest_not_convertible': (
        'cold',
        machine(guest_id='freebsd14_64Guest', guest_family='other'),
        'freebsd14_64Guest',
        build.make(
            machine={'guest_id': 'freebsd14_64Guest'},
            options={'convert': 'none'},
        ),
    ),
    'concern.guest_unknown': (
        'cold',
        machine(guest_id='otherGuest64', guest_family='other'),
        'does not know which system',
        machine(guest_id='freebsd14_64Guest', guest_family='other'),
    ),
    'concern.guest_windows': (
        'cold',
        machine(guest_family='windows'),
        'web runs Windows',
        machine(guest_family='linux'),
    ),
    'concern.nic_without_network': (
        'cold',
        nic(network=None),
        'on no network',
        nic(network='network-2'),
    ),
    'concern.network_unmapped': (
        'cold',
        nic(network='network-2'),
        'the network dvpg-db (network-2)',
        nic(network=None),
    ),
    'concern.datastore_unmapped': (
        'cold',
        build.make(
            options={
                'volume_types': [{'datastore': 'other', 'volume_type': 'ssd'}]
            }
        ),
        'the datastore ds-fast',
        build.make(options={'volume_types': []}),
    ),
    'concern.nic_disconnected': (
        'cold',
        nic(connected=False),
        'not connected at power on',
        nic(connected=True),
    ),
    'concern.nics_on_one_network': (
        'cold',
        machine(nics=nics('network-1', 'network-1')),
        '2 interfaces on the network VM Network',
        machine(nics=nics('network-1', 'network-2')),
    ),
    'concern.address_unknown': (
        'cold',
        nic(addresses=()),
        'addresses of Network adapter 1',
        build.make(nic={'addresses': ()}, options={'keep_ip': False}),
    ),
    'concern.no_nics': (
        'cold',
        machine(nics=()),
        'no network interfaces',
        machine(nics=nics('network-1')),
    ),
    'concern.privileges_missing': (
        'cold',
        build.make(source={'missing_privileges': ('Datastore.Browse',)}),
        'Datastore.Browse',
        build.make(source={'missing_privileges': ()}),
    ),
    'concern.warm_privileges_missing': (
        'warm',
        build.make(source={'missing_privileges': reach.WARM_PRIVILEGES}),
        'VirtualMachine.State.CreateSnapshot',
        build.make(source={'missing_privileges': ('Datastore.Browse',)}),
    ),
    'concern.inventory_old': (
        'cold',
        build.make(source={'age': 25 * 3600}),
        '25 hours old',
        build.make(source={'age': 23 * 3600}),
    ),
    'concern.source_unreachable': (
        'cold',
        build.make(
            node={
                'error': {
                    'code': 'source.address_unknown',
                    'message': 'The name vc cannot be resolved.',
                    'remedy': 'Correct the address.',
                }
            }
        ),
        'vc cannot be resolved',
        build.make(node={'error': None}),
    ),
    'concern.transport_unavailable': (
        'cold',
        build.make(node={'enabled': ('file',)}),
        'enabled on the node: file',
        build.make(options={'transport': 'https'}),
    ),
    'concern.clock_skew': (
        'cold',
        build.make(node={'skew': -61.0}),
        'differ by 61 s',
        build.make(node={'skew': 59.0}),
    ),
}
