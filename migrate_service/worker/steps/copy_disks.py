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


"""Copy all disks in parallel, from where a former attempt came to."""

from migrate_service.transfer import copy
from migrate_service.transfer import manifest
from migrate_service.transfer import ranges
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import progress

#: Seconds between two points of a disk that a crash goes back to.
CHECKPOINT_INTERVAL = 1.0
#: Part of the machine that may be durable but not yet stored as such.
AT_RISK = 1 / 400


def run(work):
    """Copy the disks; the source is off before, meanwhile and after."""
    with work.open_source() as source, work.open_destination() as destination:
        ends.check_off(work, source)
        with (
            ends.attached(work, destination) as sinks,
            ends.exported(work, source) as exports,
        ):
            manifests = _copy(work, sinks, exports)
        ends.check_off(work, source)
    _store_digests(work, manifests)
    work.save()


def _copy(work, sinks, exports):
    disks = ends.machine_of(work).disks
    shown = progress.Progress(work, disks)
    saver = _Saver(work, sum(disk.size for disk in disks))
    copied = work.checkpoint.setdefault('copied', {})

    def report(key, state):
        shown.update(key, state)
        if state.checkpoint:
            work.store_manifest(key, state.checkpoint.chunks)
            copied[key] = state.checkpoint.done
            saver.note()

    return copy.copy(
        [
            _job(work, disk, exports[disk.key], sinks[disk.key])
            for disk in disks
        ],
        workdir=work.workdir,
        report=report,
        check=work.check,
        rate=work.options.get('bandwidth_limit'),
        checkpoint_interval=CHECKPOINT_INTERVAL,
    )


def _job(work, disk, export, sink):
    """Return what is left to do; bytes without a hash are not done.

    Without the hash nobody could verify them.
    """
    hashes = manifest.Manifest(disk.size, work.manifest(disk.key))
    done = ranges.Ranges(work.checkpoint['copied'].get(disk.key, []))
    if done:
        done = done.subtract(hashes.unhashed())
    return copy.DiskJob(disk.key, export, sink, done=done, hashes=hashes)


class _Saver:
    """Has the checkpoint stored as soon as much would be read again.

    The next heartbeat stores it in any case; between two of them a crash
    of the node should cost no more than :data:`AT_RISK` of the machine.
    """

    def __init__(self, work, size):
        self._work = work
        self._limit = size * AT_RISK
        self._saved = self._done()

    def note(self):
        """Save when enough became durable since the last time."""
        done = self._done()
        if done - self._saved > self._limit:
            self._work.save()
            self._saved = done

    def _done(self):
        copied = self._work.checkpoint.get('copied', {})
        return sum(
            length for pairs in copied.values() for _start, length in pairs
        )


def _store_digests(work, manifests):
    """Put what the source held into the result, for anybody to compare."""
    work.result['disks'] = [
        {
            'key': disk.key,
            'label': disk.label,
            'size': disk.size,
            'volume_id': work.checkpoint['volumes'][disk.key]['id'],
            'source_digest': manifests[disk.key].digest(),
            'target_digest': None,
        }
        for disk in ends.machine_of(work).disks
    ]
