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


"""One round of copying a machine that runs: freeze, copy, let go.

The order is what keeps file systems whole: the change ids of a snapshot are
stored with the copy, the snapshot is removed, its disks are consolidated, and
only then another one is made.
"""

import dataclasses
import datetime
import time

from migrate_service.drivers import errors
from migrate_service.worker.steps import adaptation
from migrate_service.worker.steps import convergence
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import rounds
from migrate_service.worker.steps import suitability
from migrate_service.worker.steps import transport

#: Key of the one snapshot that there is at a time, in the ledger.
SNAPSHOT = 'snapshot'
#: Rounds whose figures are kept.
KEPT = 50
#: Looks at the disks until a snapshot has those that were seen.
LOOKS = 3


def run(work):
    """Make one round; an attempt that was broken off goes on with it."""
    with work.open_source() as source, work.open_destination() as destination:
        snapshot = _open_round(work, source)
        with ends.attached(work, destination) as sinks:
            done, spent = transport.reading(
                work,
                source,
                lambda exports: _copy(work, source, sinks, exports, snapshot),
                disks=snapshot.disks,
            )
        _drop_snapshot(work, source)
    _note(work, done, spent)
    work.save()


def _open_round(work, source):
    """Return the snapshot of this round, with everything before it done."""
    state = rounds.state_of(work)
    snapshot = source.snapshot(work.machine_id, work.id)
    if snapshot and snapshot.key == state.get('snapshot'):
        return snapshot
    if snapshot or work.ledger.entries('snapshot', 'present'):
        _drop_snapshot(work, source)
    snapshot = _freeze(work, source)
    ends.check_flat(work, snapshot.disks)
    state['snapshot'] = snapshot.key
    work.save()
    return snapshot


def _freeze(work, source):
    """Return a snapshot of disks that we know, after a last look at them.

    They may change between the look and the snapshot: then once more.
    """
    state = rounds.state_of(work)
    for _look_again in range(LOOKS):
        _look(work, source)
        if not state.get('tracking'):
            _track(work, source)
        state['began_at'] = time.time()
        snapshot = _snapshot(work, source)
        machine = ends.machine_of(work)
        if ends.same(work, dataclasses.replace(machine, disks=snapshot.disks)):
            return snapshot
        _drop_snapshot(work, source)
    raise errors.MachineChanged(machine=work.name)


def _look(work, source):
    """Answer what somebody else did to the machine in the meantime."""
    machine = source.machine(work.machine_id)
    if machine.snapshots:
        raise errors.MachineHasSnapshots(
            machine=work.name, disk=machine.disks[0].label
        )
    suitability.check_warm(machine)
    adaptation.follow(work, machine)
    transport.choose(work, source, machine, warm=True)


def _track(work, source):
    """Switch tracking on; a snapshot makes it effective in what runs."""
    key = work.machine_id
    known = work.ledger.entries('tracking')
    if not known:
        enabled = source.machine(key).change_tracking
        work.ledger.intend('tracking', key, previous=enabled)
    if _switch_on(work, source):
        work.ledger.present('tracking', key, key)
        _snapshot(work, source)
        _drop_snapshot(work, source)
    rounds.state_of(work)['tracking'] = True


def _switch_on(work, source):
    """Return whether tracking is on by us; without it, disks are compared."""
    try:
        return source.set_tracking(work.machine_id, True)
    except errors.SourceFault as error:
        if error.retryable:
            raise
        work.warnings.append(
            f'Changed block tracking could not be switched on ({error}): '
            f'each round compares all of the disks.'
        )
        return False


def _snapshot(work, source):
    work.ledger.intend('snapshot', SNAPSHOT)
    snapshot = source.create_snapshot(work.machine_id, work.id)
    work.ledger.present('snapshot', SNAPSHOT, snapshot.key)
    return snapshot


def _drop_snapshot(work, source):
    source.remove_snapshot(work.machine_id, work.id)
    work.ledger.removed('snapshot', SNAPSHOT)


def _copy(work, source, sinks, exports, snapshot):
    """Copy the round, and once more when the source kept changes back."""
    began = time.time()
    arguments = (work, source, sinks, exports, snapshot)
    done = rounds.copy(*arguments, content=snapshot.key)
    methods = {method for method, _size in done.values()}
    if methods != {rounds.COMPARED} and rounds.missed(work, sinks, exports):
        rounds.distrust(
            work, 'Changed block tracking of the source missed writes.'
        )
        done = rounds.copy(*arguments, content=snapshot.key)
    return done, time.time() - began


def _note(work, done, spent):
    """Add the figures of the round, and when the next one is due.

    :param spent: seconds of copying alone.
    """
    state = rounds.state_of(work)
    now = time.time()
    made = work.progress.setdefault('rounds', [])
    size = sum(size for _method, size in done.values())
    seconds = max(0.001, now - state['began_at'])
    before = state.get('frozen_at')
    dirty = None
    if before and state['began_at'] > before:
        dirty = round(size / (state['began_at'] - before))
    state['frozen_at'] = state['began_at']
    state['round'] = state.get('round', 0) + 1
    entry = {
        'number': state['round'],
        'methods': {key: method for key, (method, _size) in done.items()},
        'bytes': size,
        'seconds': round(seconds, 3),
        'rate': round(size / max(0.001, spent)),
        'dirty_rate': dirty,
        'ended_at': _iso(now),
    }
    made.append(entry)
    interval = work.options.get('sync_interval')
    wait = convergence.next_in(made, interval)
    entry['downtime'] = convergence.predict(made, seconds + wait)
    del made[:-KEPT]
    work.progress['converges'] = convergence.converges(made)
    work.progress['next_round_at'] = _iso(now + wait)
    work.checkpoint['wake_after'] = wait


def _iso(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')
