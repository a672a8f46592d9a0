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
"""What became of the disks of a machine while it is being moved warm.

Moved disks are read where they are now. A disk that grew gets a volume that
holds it, and is compared with its copy once: what is tracked of it may be
wrong after that (VMware KB 310751). A disk that was added gets a volume of
its own and a first copy. Nothing else can be answered here.
"""

from migrate_service.drivers import errors
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import reserve
from migrate_service.worker.steps import rounds
from migrate_service.worker.steps import suitability


def follow(work, machine):
    """Make the targets fit the disks as they are now, and note these.

    Call it while no disk is attached and no snapshot of ours is there.

    :param machine: ``inventory.Machine`` as it is now.
    :raises MachineChanged: it is another machine, or a disk shrank.
    :raises MachineDiskRemoved: a disk is not there any more.
    :raises MachineHasSnapshots: the bytes are spread over a chain.
    :raises StepFailed: an added disk cannot be moved, or a volume cannot be
        made or extended.
    """
    ends.check_flat(work, machine.disks)
    if not ends.same(work, machine):
        _adapt(work, machine)
    # A result is sent when its step is done: what an attempt that was broken
    # off put there is lost, unlike its checkpoint.
    reserve.tell_volumes(work, machine)
    work.checkpoint['machine']['disks'] = machine.to_dict()['disks']


def _adapt(work, machine):
    known = ends.machine_of(work)
    added = _added(work, known, machine)
    suitability.check(machine)
    suitability.check_warm(machine)
    with work.open_destination() as destination:
        for disk in _grown(known, machine):
            _extend(work, destination, known, disk)
        reserve.volumes(work, destination, machine)
    for disk in added:
        _warn(work, f'{disk.label} was added meanwhile; it is moved, too.')


def _added(work, known, machine):
    """Return the disks that are new; refuse what cannot be answered."""
    now = {disk.key: disk for disk in machine.disks}
    for disk in known.disks:
        if disk.key not in now:
            raise errors.MachineDiskRemoved(machine=work.name, disk=disk.label)
        if now[disk.key].size < disk.size:
            raise errors.MachineChanged(machine=work.name)
    if machine.uuid != known.uuid:
        raise errors.MachineChanged(machine=work.name)
    before = {disk.key for disk in known.disks}
    return [disk for disk in machine.disks if disk.key not in before]


def _grown(known, machine):
    before = {disk.key: disk.size for disk in known.disks}
    return [
        disk
        for disk in machine.disks
        if disk.size > before.get(disk.key, disk.size)
    ]


def _extend(work, destination, known, disk):
    """Make room for a disk, and note from where on nothing was copied."""
    volume = work.checkpoint['volumes'][disk.key]
    if volume['size'] < disk.size:
        volume['size'] = destination.extend_volume(volume['id'], disk.size)
    (size,) = (old.size for old in known.disks if old.key == disk.key)
    rounds.state_of(work)['grown'].setdefault(disk.key, size)
    _warn(work, f'{disk.label} grew meanwhile; it is compared with its copy.')


def _warn(work, warning):
    if warning not in work.warnings:
        work.warnings.append(warning)
