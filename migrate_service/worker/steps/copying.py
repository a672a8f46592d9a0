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


"""The copy of all disks of a machine, as part of a step."""

import dataclasses

from migrate_service.transfer import copy as transfer
from migrate_service.transfer import manifest
from migrate_service.transfer import ranges
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import progress

#: Seconds between two points of a disk that a crash goes back to.
CHECKPOINT_INTERVAL = 1.0
#: Part of the machine that may be durable but not yet stored as such.
AT_RISK = 1 / 400


@dataclasses.dataclass(frozen=True)
class Plan:
    """What of a disk is copied: as ``transfer.copy.DiskJob`` says it."""

    extents: list | None = None
    rest: str = 'zero'


def copy(work, sinks, exports, plans=None):
    """Copy the disks; ``checkpoint['copied']`` tells what is durable.

    :param sinks: ``{disk key: Sink}``.
    :param exports: ``{disk key: Export}`` of frozen disks.
    :param plans: ``{disk key: Plan}``; None copies all of all disks.
    :returns: ``{disk key: Manifest}``.
    """
    disks = {disk.key: disk for disk in ends.machine_of(work).disks}
    plans = plans or dict.fromkeys(disks, Plan())
    shown = progress.Progress(work, disks.values())
    saver = _Saver(work, sum(disk.size for disk in disks.values()))
    copied = work.checkpoint.setdefault('copied', {})

    def report(key, state):
        shown.update(key, state)
        if state.checkpoint:
            work.store_manifest(key, state.checkpoint.chunks)
            copied[key] = state.checkpoint.done
            saver.note()

    return transfer.copy(
        [
            _job(work, disk, exports[key], sinks[key], plans[key])
            for key, disk in disks.items()
        ],
        workdir=work.workdir,
        report=report,
        check=work.check,
        rate=work.options.get('bandwidth_limit'),
        checkpoint_interval=CHECKPOINT_INTERVAL,
    )


def manifests(work):
    """Return ``{disk key: Manifest}`` as far as it is stored."""
    return {
        disk.key: manifest.Manifest(disk.size, work.manifest(disk.key))
        for disk in ends.machine_of(work).disks
    }


def store_digests(work, manifests):
    """Put what the source held into the result, for anybody to compare.

    :param manifests: ``{disk key: Manifest}`` of the source.
    """
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


def _job(work, disk, export, sink, plan):
    """Return what is left to do; bytes without a hash are not done.

    Without the hash nobody could verify them. A delta leaves regions without
    one by its nature: those are copied again, too, after a crash.
    """
    hashes = manifest.Manifest(disk.size, work.manifest(disk.key))
    done = ranges.Ranges(work.checkpoint['copied'].get(disk.key, []))
    if done:
        done = done.subtract(hashes.unhashed())
    return transfer.DiskJob(
        key=disk.key,
        export=export,
        sink=sink,
        extents=plan.extents,
        rest=plan.rest,
        done=done,
        hashes=hashes,
    )


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
