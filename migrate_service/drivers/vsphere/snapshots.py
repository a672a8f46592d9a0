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


"""Our snapshots of a machine, and the changed blocks between them.

A snapshot is ours by its name, which has the id of the migration: one whose
creation nobody heard of is found again.
"""

from pyVmomi import vim
from pyVmomi import vmodl

from migrate_service.drivers import areas
from migrate_service.drivers import base
from migrate_service.drivers import errors
from migrate_service.drivers.vsphere import faults
from migrate_service.drivers.vsphere import machines
from migrate_service.drivers.vsphere import tasks
from migrate_service.drivers.vsphere import tree

DESCRIPTION = (
    'Made by OpenStack Migrate while it copies this machine; removed at the '
    'end of each round.'
)
_ALLOCATED = '*'


def name_of(owner):
    """Return the name of the snapshots of ``owner``."""
    return f'migrate-{owner}'


def find(session, key, owner):
    """Return the :class:`base.Snapshot` of ``owner``, or None."""
    with session.explained('reading the snapshots', key):
        found = _ours(session, key, owner)
        if not found:
            return None
        config = session.properties(found[0], ['config'])['config']
    return base.Snapshot(
        key=tree.key_of(found[0]),
        disks=machines.disks(config.hardware.device, config.bootOptions),
    )


def create(session, key, owner):
    """Find the snapshot of ``owner``, or make it, of all disks at once.

    Memory and quiescence are left out: a round need not be consistent, and
    at the cutover the machine is off.
    """
    known = find(session, key, owner)
    if known:
        return known
    operation = 'creating a snapshot'
    with session.explained(operation, key):
        task = _vm(session, key).CreateSnapshot_Task(
            name_of(owner), DESCRIPTION, False, False
        )
        tasks.wait(session, task, operation)
    made = find(session, key, owner)
    if made is None:
        raise errors.SourceFault(
            fault='nothing', operation=operation, reason='it is not there'
        )
    return made


def remove(session, key, owner):
    """Remove the snapshots of ``owner``; wait until disks are consolidated.

    :raises MachineNotConsolidated: they cannot be.
    """
    operation = 'removing a snapshot'
    with session.explained(operation, key):
        for snapshot in reversed(_ours(session, key, owner)):
            try:
                task = snapshot.RemoveSnapshot_Task(False, True)
                tasks.wait(session, task, operation)
            except vmodl.fault.ManagedObjectNotFound:
                continue
        if not _consolidation_needed(session, key):
            return
        task = _vm(session, key).ConsolidateVMDisks_Task()
        tasks.wait(session, task, 'consolidating the disks')
        if _consolidation_needed(session, key):
            raise errors.MachineNotConsolidated(machine=key)


def set_tracking(session, key, enabled):
    """Switch changed block tracking; return whether that changed it."""
    operation = 'changing changed block tracking'
    path = 'config.changeTrackingEnabled'
    with session.explained(operation, key):
        vm = _vm(session, key)
        if bool(session.properties(vm, [path]).get(path)) == enabled:
            return False
        spec = vim.vm.ConfigSpec(changeTrackingEnabled=enabled)
        tasks.wait(session, vm.ReconfigVM_Task(spec), operation)
    return True


def changed_areas(session, key, disk, *, snapshot, since):
    """Return ``[(start, length)]`` in bytes, see ``base.Source``.

    Every fault means that nothing is known (migratekit 24).
    """
    _check_same_tracking(disk, since)
    frozen = snapshot and session.reference(vim.vm.Snapshot, snapshot.key)
    operation = 'reading the changed areas'

    def ask(start):
        try:
            answer = _vm(session, key).QueryChangedDiskAreas(
                frozen, int(disk.key), start, since
            )
        except vmodl.MethodFault as fault:
            known = faults.from_fault(fault, operation, key)
            raise areas.unusable(disk, str(known)) from fault
        return areas.Page(
            start=answer.startOffset,
            length=answer.length,
            areas=[(area.start, area.length) for area in answer.changedArea],
        )

    with session.explained(operation, key):
        return areas.collect(disk, ask)


def _check_same_tracking(disk, since):
    """Refuse to ask over a reset: ids of another series mean nothing."""
    if disk.change_id is None:
        raise areas.unusable(disk, 'the disk is not tracked')
    series = since.rpartition('/')[0]
    if since != _ALLOCATED and series != disk.change_id.rpartition('/')[0]:
        raise areas.unusable(disk, 'its tracking was reset')


def _ours(session, key, owner):
    """Return the snapshots of ``owner``, parents first."""
    values = session.properties(_vm(session, key), ['name', 'snapshot'])
    if 'name' not in values:
        raise errors.MachineGone(machine=key)
    info = values.get('snapshot')
    waiting = list(info.rootSnapshotList) if info else []
    found = []
    while waiting:
        node = waiting.pop(0)
        waiting.extend(node.childSnapshotList)
        if node.name == name_of(owner):
            found.append(node.snapshot)
    return found


def _consolidation_needed(session, key):
    path = 'runtime.consolidationNeeded'
    return bool(session.properties(_vm(session, key), [path]).get(path))


def _vm(session, key):
    return session.reference(vim.VirtualMachine, key)
