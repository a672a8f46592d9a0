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
"""What happens to machines, sources, clouds and processes meanwhile.

Each takes the :class:`tests.chaos.run.Run` that it happens to; its
``chance`` decides about details.
"""

import os
import random
import threading

from migrate_service import inventory
from migrate_service.drivers.fake import machines
from migrate_service.drivers.fake import snapshots
from tests.chaos import watch

MIB = 1024**2
BACKUP = 'backup'
FAULTY = (
    'attach_volume',
    'changed_areas',
    'create_snapshot',
    'created_snapshot',
    'ensure_port',
    'export',
    'open_destination',
    'open_source',
    'power_state',
    'remove_snapshot',
    'set_tracking',
    'shut_down_guest',
    'snapshot',
)


def nothing(run):
    """Leave the run alone."""


def broken_tracking(run):
    snapshots.tracking(
        run.clouds, run.machine.key, broken=run.chance.random() < 0.7
    )


def odd_answers(run):
    """Answers of many pages, too large, unordered, overlapping."""
    snapshots.tracking(
        run.clouds,
        run.machine.key,
        generous=run.chance.random() < 0.5,
        grain=run.chance.choice((None, 65536, 1000000)),
        page=run.chance.choice((None, MIB // 2, 1234567)),
        shuffled=run.chance.random() < 0.5,
        page_faults=run.chance.choice((0, 0, 1)),
    )


def reset_tracking(run):
    snapshots.reset(run.clouds, run.machine.key)


def fault(run):
    run.clouds.fail(
        run.chance.choice(FAULTY),
        times=run.chance.randint(1, 2),
        retryable=run.chance.random() < 0.8,
    )


def failing_writes(run):
    """The back end of a volume fails while it is copied to."""
    for id in run.clouds.names('cloud', 'volume'):
        if run.clouds.get('cloud', 'volume', id)['owner'] == run.id:
            watch.fail_writes(run.clouds, id)


def slow(run):
    """A call does not come back for a while."""
    method = run.chance.choice(FAULTY)
    run.clouds.block(method)
    threading.Timer(0.4, run.clouds.release, (method,)).start()


def foreign_snapshot(run):
    """A backup begins; it ends when the run meets an error of it."""
    machine = now(run)
    if BACKUP not in run.clouds.names('snapshots', machine.key):
        snapshots.create(run.clouds, machine, BACKUP)


def passing_snapshot(run):
    """A backup begins and ends at once."""
    foreign_snapshot(run)
    snapshots.remove(run.clouds, now(run), BACKUP)


def moved_disk(run):
    """Storage vMotion: other paths, snapshots included."""
    place = f'ds{run.chance.randint(2, 9)}'
    with snapshots.stunned(run.clouds, run.machine.key):
        for disk in _disks(run):
            disk['path'] = f'[{place}] {disk["path"].partition("] ")[2]}'
            disk['datastore'] = place
        run.clouds.put(run.data, 'machines', run.machine.key)
        for owner in run.clouds.names('snapshots', run.machine.key):
            _move_frozen(run, owner, place)
    if run.chance.random() < 0.5:
        reset_tracking(run)


def grown_disk(run):
    """A disk grows; not while there are snapshots, as in vSphere."""
    with snapshots.stunned(run.clouds, run.machine.key):
        if run.clouds.names('snapshots', run.machine.key):
            return
        disk = run.chance.choice(_disks(run))
        disk['size'] += run.chance.choice((512, MIB, 5 * MIB))
        path = machines.content(run.clouds, run.machine, _disk(disk))
        os.truncate(path, disk['size'])
        run.clouds.put(run.data, 'machines', run.machine.key)


def grown_beyond_volume(run):
    """A disk grows so far that its volume must."""
    with snapshots.stunned(run.clouds, run.machine.key):
        if run.clouds.names('snapshots', run.machine.key):
            return
        disk = run.chance.choice(_disks(run))
        disk['size'] = max(17 * MIB, disk['size']) + 512 * run.chance.randint(
            1, 2000
        )
        path = machines.content(run.clouds, run.machine, _disk(disk))
        os.truncate(path, disk['size'])
        run.clouds.put(run.data, 'machines', run.machine.key)


def added_disk(run):
    """A disk is added, with content."""
    with snapshots.stunned(run.clouds, run.machine.key):
        disks = _disks(run)
        if len(disks) > 3:
            return
        added = disks[0] | {
            'key': str(2100 + len(disks)),
            'label': f'Hard disk {len(disks) + 1}',
            'size': MIB + 512 * run.chance.randint(0, 3),
            'path': f'[ds1] {run.machine.key}/{len(disks)}.vmdk',
            'unit': len(disks),
        }
        content = random.Random(run.chance.random()).randbytes(MIB // 2)
        path = machines.content(run.clouds, run.machine, _disk(added))
        path.write_bytes(content)
        os.truncate(path, added['size'])
        disks.append(added)
        run.clouds.put(run.data, 'machines', run.machine.key)


def killed_worker(run):
    run.cluster.kill_worker(run.chance)


def killed_conductor(run):
    run.cluster.kill_conductor(run.chance)


def now(run):
    """Return the machine as it is now."""
    data = run.clouds.get('machines', run.machine.key)
    return inventory.Machine.from_dict(data)


def _disks(run):
    """Read the machine anew, and return its disks, to be changed."""
    run.data = run.clouds.get('machines', run.machine.key)
    return run.data['disks']


def _disk(data):
    return inventory.Disk(**data)


def _move_frozen(run, owner, place):
    data = run.clouds.get('snapshots', run.machine.key, owner)
    for disk in data['disks']:
        here = snapshots.path(run.clouds, _disk(disk))
        disk['path'] = disk['path'].replace('.img', f'-{place}.img')
        if here.exists():
            here.rename(snapshots.path(run.clouds, _disk(disk)))
    run.clouds.put(data, 'snapshots', run.machine.key, owner)


#: How often each happens, to the others.
WEIGHTS = {
    nothing: 2,
    broken_tracking: 2,
    odd_answers: 4,
    reset_tracking: 2,
    fault: 4,
    failing_writes: 4,
    slow: 1,
    foreign_snapshot: 2,
    passing_snapshot: 1,
    moved_disk: 2,
    grown_disk: 2,
    grown_beyond_volume: 1,
    added_disk: 2,
    killed_worker: 4,
    killed_conductor: 1,
}


def choose(chance):
    """Return one of them."""
    return chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
