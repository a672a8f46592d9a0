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

"""Snapshots and changed blocks of the machines in the folder.

``tracking/<machine>.json`` says what is tracked: ``enabled``, ``effective``,
``uuid`` and ``epoch`` of the change ids, and what a test wants of it:
``broken`` (every question is refused) and the words of ``answers``.
``epochs/`` holds the hashes of the blocks at each snapshot.
"""

import contextlib
import dataclasses
import fcntl
import hashlib
import os
import uuid

from migrate_service import inventory
from migrate_service.drivers import areas
from migrate_service.drivers import base
from migrate_service.drivers.fake import answers
from migrate_service.drivers.fake import folder as fake
from migrate_service.drivers.fake import machines

#: Begins the path of a frozen disk.
FROZEN = '[snapshots] '
FRESH = {'enabled': False, 'effective': False, 'uuid': None, 'epoch': 0}


class MachineOff(Exception):
    """A machine that is off does not write."""


@contextlib.contextmanager
def stunned(folder, key):
    """Hold up everything that changes a machine or its disks."""
    with open(folder.root / 'machines' / f'{key}.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write(folder, machine, disk, offset, data):
    """Write to a disk as the guest does.

    :raises MachineOff: it is not running.
    """
    with stunned(folder, machine.key):
        if folder.get('machines', machine.key)['power_state'] != 'on':
            raise MachineOff
        with open(machines.content(folder, machine, disk), 'r+b') as image:
            image.seek(offset)
            image.write(data)


def tracking(folder, key, **changes):
    """Return how a machine is tracked, after these changes."""
    state = FRESH | (folder.get('tracking', key) or {}) | changes
    if changes:
        folder.put(state, 'tracking', key)
    return state


def reset(folder, key):
    """Make every change id handed out so far useless."""
    tracking(folder, key, uuid=uuid.uuid4().hex)


def find(folder, key, owner):
    """Return the :class:`base.Snapshot` of ``owner``, or None."""
    data = folder.get('snapshots', key, owner)
    return data and base.Snapshot(
        key=data['key'],
        disks=tuple(inventory.Disk(**disk) for disk in data['disks']),
    )


def create(folder, machine, owner):
    """Freeze all disks of a machine; return the :class:`base.Snapshot`."""
    with stunned(folder, machine.key):
        state = tracking(folder, machine.key)
        state = tracking(folder, machine.key, epoch=state['epoch'] + 1)
        disks = [
            _freeze(folder, machine, disk, state) for disk in machine.disks
        ]
        data = {
            'key': f'snapshot-{state["epoch"]}',
            'owner': owner,
            'epoch': state['epoch'],
        }
        data['disks'] = [dataclasses.asdict(disk) for disk in disks]
        folder.put(data, 'snapshots', machine.key, owner)
        if not state['effective'] and machine.power_state == 'off':
            tracking(folder, machine.key, effective=state['enabled'])
    return base.Snapshot(key=data['key'], disks=tuple(disks))


def remove(folder, machine, owner):
    """Drop a snapshot that may be gone; tracking works from then on."""
    with stunned(folder, machine.key):
        snapshot = find(folder, machine.key, owner)
        for disk in snapshot.disks if snapshot else ():
            path(folder, disk).unlink(missing_ok=True)
        folder.drop('snapshots', machine.key, owner)
        state = tracking(folder, machine.key)
        tracking(folder, machine.key, effective=state['enabled'])


def path(folder, disk):
    """Return where the bytes of a frozen disk are."""
    return folder.root / 'disks' / disk.path.removeprefix(FROZEN)


def changed(folder, machine, disk, *, snapshot, since):
    """Return ``[(start, length)]`` of the blocks that changed.

    :raises TrackingUnusable: as a vCenter's faults are understood.
    """
    state = tracking(folder, machine.key)
    name = f'{machine.key}-{disk.key}'
    if state.get('broken'):
        raise areas.unusable(disk, 'a test broke it')
    if since == '*':
        now = _blocks(folder, machine, disk, snapshot)
        empty = _digest(bytes(answers.BLOCK))
        return _told(folder, machine, disk, [one != empty for one in now])
    prefix, _slash, epoch = (since or '').partition('/')
    before = folder.get('epochs', f'{name}-{epoch}')
    if not state['effective'] or prefix != state['uuid'] or not before:
        raise areas.unusable(disk, f'the change id {since} is not known')
    now = _blocks(folder, machine, disk, snapshot)
    if len(now) != len(before):
        raise areas.unusable(disk, 'its capacity changed')
    marks = [one != other for one, other in zip(before, now, strict=True)]
    return _told(folder, machine, disk, marks)


def base_of(folder, machine, disk):
    """Return where the bytes are that a disk without a snapshot is read by.

    While there are snapshots its file is the base of a chain: it has stood
    still since the oldest of them.
    """
    chain = [
        folder.get('snapshots', machine.key, owner)
        for owner in folder.names('snapshots', machine.key)
    ]
    oldest = min(chain, key=lambda one: one['epoch'], default=None)
    for data in oldest['disks'] if oldest else ():
        if data['key'] == disk.key:
            return path(folder, inventory.Disk(**data))
    return machines.content(folder, machine, disk)


def _told(folder, machine, disk, marks):
    state = tracking(folder, machine.key)

    def take_fault():
        left = tracking(folder, machine.key).get('page_faults') or 0
        if left:
            tracking(folder, machine.key, page_faults=left - 1)
        return bool(left)

    return answers.collect(disk, marks, state, take_fault)


def _freeze(folder, machine, disk, state):
    name = f'{machine.key}-{disk.key}'
    frozen = dataclasses.replace(
        disk, path=f'{FROZEN}{name}-{state["epoch"]}.img', change_id=None
    )
    content = machines.content(folder, machine, disk)
    fake.sparse_file(path(folder, frozen), content.stat().st_size)
    fake.copy_data(content, path(folder, frozen))
    if not state['effective']:
        return frozen
    hashes = _hashes(path(folder, frozen))
    folder.put(hashes, 'epochs', f'{name}-{state["epoch"]}')
    return dataclasses.replace(
        frozen, change_id=f'{state["uuid"]}/{state["epoch"]}'
    )


def _blocks(folder, machine, disk, snapshot):
    if snapshot is None:
        return _hashes(machines.content(folder, machine, disk))
    return _hashes(path(folder, disk))


def _hashes(file):
    with open(file, 'rb') as image:
        size = os.fstat(image.fileno()).st_size
        return [
            _digest(image.read(answers.BLOCK).ljust(answers.BLOCK, b'\0'))
            for _number in range(-(-size // answers.BLOCK))
        ]


def _digest(data):
    return hashlib.blake2b(data, digest_size=8).hexdigest()
