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

"""Concerns about the disks: how they are stored and attached."""

from migrate_service.concerns import model

FAMILY = model.Family()
TIB = 1024**4
LARGE = 2 * TIB
#: Slots for devices of a q35 or pc machine, less those that others need.
MANY = 25
#: Datastores without a file that holds the bytes of a disk in order.
_OBJECT_STORES = ('vsan', 'vsand', 'vvol')


def _named(facts, disk, **more):
    return {'machine': facts.machine.name, 'disk': disk.label} | more


@FAMILY.rule(
    code='concern.no_disks',
    what='%(machine)s has no disks.',
    why='There is nothing to move.',
    remedy='Create a new server in OpenStack instead.',
    origin='vSphere API, VirtualHardware.device',
    refusal='machine.unsupported',
)
def _none(facts):
    if not facts.machine.disks:
        yield {'machine': facts.machine.name}


@FAMILY.rule(
    code='concern.disk_rdm',
    what='%(disk)s of %(machine)s is a raw device mapping.',
    why='Its content lies on a storage system and not on a datastore.',
    remedy=(
        'Convert it to a virtual disk by storage vMotion, or detach it and '
        'move its LUN by other means.'
    ),
    origin='vSphere Storage, raw device mapping; vjailbreak PR#915',
    refusal='machine.disk_unsupported',
)
def _rdm(facts):
    for disk in facts.machine.disks:
        if disk.kind == 'rdm':
            yield _named(facts, disk)


@FAMILY.rule(
    code='concern.disk_encrypted',
    what='%(disk)s of %(machine)s is encrypted by vSphere.',
    why='What can be read from its datastore are ciphertexts.',
    remedy='Decrypt it by changing its storage policy, then refresh.',
    origin='vSphere Security, virtual machine encryption',
    refusal='machine.disk_unsupported',
)
def _encrypted(facts):
    for disk in facts.machine.disks:
        if disk.encrypted:
            yield _named(facts, disk)


@FAMILY.rule(
    code='concern.disk_shared',
    what='%(disk)s of %(machine)s is shared with other machines.',
    why=(
        'A copy for one machine would part it from the others, and others '
        'may write while it is copied.'
    ),
    remedy=(
        'Detach the disk from the machine and move what it holds by other '
        'means.'
    ),
    origin='VMware KB 1034165, multi-writer; vjailbreak PR#1772',
    refusal='machine.disk_unsupported',
)
def _shared(facts):
    for disk in facts.machine.disks:
        if disk.sharing != 'sharingNone':
            yield _named(facts, disk)


@FAMILY.rule(
    code='concern.disk_bus_shared',
    what='The controller of %(disk)s of %(machine)s is shared (%(sharing)s).',
    why=(
        'Another node of a cluster may write to the disk at any time, and '
        'vSphere takes no snapshots of such a machine.'
    ),
    remedy='Take the machine out of its cluster and end the sharing.',
    origin='vSphere API, VirtualSCSISharing; SnapshotIncompatibleDeviceInVm',
    overridable=True,
)
def _bus_shared(facts):
    for disk in facts.machine.disks:
        if disk.bus_sharing not in ('noSharing', None):
            yield _named(facts, disk, sharing=disk.bus_sharing)


@FAMILY.rule(
    code='concern.disk_independent',
    what='%(disk)s of %(machine)s is independent.',
    why=(
        'Snapshots leave it out, so it cannot be copied while the machine '
        'runs.'
    ),
    remedy='Move the machine cold, or change the mode of the disk.',
    origin='vSphere Virtual Machine Administration; xen-orchestra#9040',
    cold=None,
    refusal='machine.disk_unsupported',
)
def _independent(facts):
    for disk in facts.machine.disks:
        if disk.mode.startswith('independent') and disk.kind != 'rdm':
            yield _named(facts, disk)


@FAMILY.rule(
    code='concern.disk_format',
    what='%(disk)s of %(machine)s has the format %(format)s, not flat.',
    why='Its file does not hold the bytes of the disk in order.',
    remedy='Move the disk to a VMFS or NFS datastore by storage vMotion.',
    origin='vSphere Virtual Disk Format 5.0',
    refusal='machine.disk_unsupported',
)
def _format(facts):
    for disk in facts.machine.disks:
        if disk.kind not in ('flat', 'rdm') and not disk.has_parent:
            yield _named(facts, disk, format=disk.kind)


@FAMILY.rule(
    code='concern.disk_object_store',
    what='%(disk)s of %(machine)s lies on the %(kind)s datastore %(store)s.',
    why='Such a datastore has no flat file that could be read.',
    remedy='Move the disk to a VMFS or NFS datastore by storage vMotion.',
    origin='vSAN and vVol have no -flat.vmdk; pegaprox#438',
    needs=('source',),
)
def _object_store(facts):
    for disk in facts.machine.disks:
        store = facts.datastore(disk)
        if store and store['kind'].lower() in _OBJECT_STORES:
            yield _named(facts, disk, kind=store['kind'], store=store['name'])


@FAMILY.rule(
    code='concern.disk_large',
    what='%(disk)s of %(machine)s has %(tib).1f TiB.',
    why=(
        'Beyond 2 TiB a BIOS cannot boot from it, snapshots are of another '
        'format, and the copy takes long.'
    ),
    remedy=(
        'Check that the volume type takes volumes of this size, and move it '
        'warm.'
    ),
    origin='vSphere Storage, disks larger than 2 TB; migratekit#65',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _large(facts):
    for disk in facts.machine.disks:
        if disk.size > LARGE:
            yield _named(facts, disk, tib=disk.size / TIB)


@FAMILY.rule(
    code='concern.disk_nvme',
    what='%(disk)s of %(machine)s is on an NVMe controller.',
    why=(
        'The guest sees it under another name afterwards: what names '
        '/dev/nvme… fails, such as a line of fstab.'
    ),
    remedy='Name file systems by UUID or label before the migration.',
    origin='fstab(5); vjailbreak: fstab by UUID',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _nvme(facts):
    for disk in facts.machine.disks:
        if 'nvme' in (disk.controller or '').lower():
            yield _named(facts, disk)


@FAMILY.rule(
    code='concern.many_disks',
    what='%(machine)s has %(count)s disks.',
    why=(
        'Hypervisors attach about 25 volumes to a server by default (PCI '
        'slots, max_disk_devices_to_attach).'
    ),
    remedy='Ask the operator, or merge disks before the migration.',
    origin='Nova [compute] max_disk_devices_to_attach',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _many(facts):
    count = len(facts.machine.disks)
    if count > MANY:
        yield {'machine': facts.machine.name, 'count': count}
