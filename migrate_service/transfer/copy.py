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

"""Copy disks to their targets: all in parallel, resumable, cancellable."""

import contextlib
import dataclasses
import os

from oslo_log import log as logging

from migrate_service.transfer import errors
from migrate_service.transfer import manifest
from migrate_service.transfer import movers
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from migrate_service.transfer import transports

LOG = logging.getLogger(__name__)


@dataclasses.dataclass
class DiskJob:
    """One disk to copy.

    :param key: name of the disk in reports and errors.
    :param export: the opened source, see :mod:`..transports`.
    :param sink: the target.
    :param extents: iterable of ``(start, length)`` in bytes to copy; None
        copies the whole disk (holes as the export tells them).
    :param rest: what the source holds outside ``extents``: ``'zero'``
        (they are all its allocated areas) or ``'keep'`` (they are the
        changes since the last copy: the target is right elsewhere, and the
        tail beyond the source is left alone).
    :param done: ranges a former attempt has made durable; they count only
        for the *same frozen source content* and the same extents.
    :param hashes: hashes known so far; updated in place.
    """

    key: str
    export: transports.Export
    sink: sinks.Sink
    extents: list[tuple[int, int]] | None = None
    rest: str = 'zero'
    done: ranges.Ranges = dataclasses.field(default_factory=ranges.Ranges)
    hashes: manifest.Manifest | None = None


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """What is on stable storage now: store it, and hand it to the next.

    :param done: ``[[start, length], …]`` for ``Ranges`` / ``DiskJob.done``.
    :param chunks: ``{index: bytes}``, the manifest chunks that changed
        since the last checkpoint of this run, for ``Manifest.set_chunk``.
    """

    done: list
    chunks: dict[int, bytes]


@dataclasses.dataclass(frozen=True)
class DiskProgress:
    """Where one disk stands; all but ``rate`` and flags in bytes.

    :param total: bytes of source data to handle in this copy, including
        what ``done`` already had.
    :param copied: of those, handled so far (``done`` included).
    :param read: read from the source by this run.
    :param written: written to the target as data by this run.
    :param skipped: zeros and holes that needed no data to be written.
    :param rate: bytes a second read over the last seconds.
    :param finished: the disk is complete and flushed.
    :param checkpoint: a new :class:`Checkpoint`, or None when nothing new
        became durable since the last report.
    """

    total: int
    copied: int
    read: int
    written: int
    skipped: int
    rate: float
    finished: bool
    checkpoint: Checkpoint | None


def copy(jobs, *, workdir, report, check, rate=None, checkpoint_interval=10.0):
    """Copy all disks in parallel; return when all are complete and flushed.

    Blocks; call it in a thread of the worker. Each disk has its own child
    process, killed within two seconds when ``check`` raises.

    :param jobs: list of :class:`DiskJob` with distinct keys.
    :param workdir: private directory for sockets and logs.
    :param report: called as ``report(key, DiskProgress)`` about once a
        second for each disk, and once at its end.
    :param check: called before anything is written and then at least every
        0.5 s; what it raises stops all.
    :param rate: bytes a second for all disks together, None for no limit,
        or a callable that returns the limit of the moment.
    :param checkpoint_interval: seconds between checkpoints of a disk.
    :returns: ``{key: Manifest}``: the hashes recorded. After a delta
        (``rest='keep'``) a region that its extents cover only in part is
        :data:`manifest.UNKNOWN`: ``verify`` fills it.
    :raises errors.TransferFailed: and its subclasses.
    """
    with contextlib.ExitStack() as stack:
        states = {}
        for index, job in enumerate(jobs):
            check()
            name = f'mover-{index}'
            target = stack.enter_context(
                sinks.serve(job.sink, disk=job.key, workdir=workdir, name=name)
            )
            share = movers.limit(rate)
            spec = order(job, target) | {
                'rate': share and share // len(jobs),
                'checkpoint_interval': checkpoint_interval,
            }
            log = os.path.join(workdir, f'{name}.log')
            mover = movers.Mover(job.key, spec, log, job.export.explain)
            stack.callback(mover.kill)
            states[mover] = _State(job, report)
        movers.run(
            list(states),
            check=check,
            handle=lambda mover, event: states[mover].take(mover, event),
            rate=rate,
        )
    return {job.key: job.hashes for job in jobs}


def order(job, target):
    """Return what a mover is told to copy, see :mod:`..mover`."""
    _check(job)
    extents = job.extents
    return {
        'mode': 'copy',
        'source': source(job.export),
        'target': target,
        'extents': None if extents is None else [list(e) for e in extents],
        'rest': job.rest,
        'done': job.done.to_json(),
    }


def source(export):
    """Return what a mover is told of an export, a dict; None for None."""
    return export and {
        'uri': export.uri,
        'size': export.size,
        'connections': export.connections,
        'request_size': export.request_size,
    }


def progress(counters, mover, finished, checkpoint):
    """Return the :class:`DiskProgress` of a mover's last counters."""
    names = ('total', 'copied', 'read', 'written', 'skipped')
    return DiskProgress(
        **{name: counters[name] for name in names},
        rate=mover.measured.value,
        finished=finished,
        checkpoint=checkpoint,
    )


def _check(job):
    if job.sink.size < job.export.size:
        raise errors.SinkUnusable(
            disk=job.key,
            reason=f'it has {job.sink.size} bytes, the source has '
            f'{job.export.size}',
        )
    if job.hashes is None:
        job.hashes = manifest.Manifest(job.export.size)
    if job.hashes.size != job.export.size:
        raise errors.SizeMismatch(
            disk=job.key, actual=job.export.size, expected=job.hashes.size
        )


def _log_tuning(key, tuned):
    LOG.info(
        'Disk %s is read over %d connections, %d requests of %d KiB each: %s',
        key,
        tuned['connections'],
        tuned['depth'],
        tuned['request_size'] // 1024,
        tuned['why'],
    )


class _State:
    """Turns a mover's events into reports for one disk."""

    def __init__(self, job, report):
        self._job = job
        self._report = report
        self._counters = None
        self._checkpoint = None

    def take(self, mover, event):
        if event['event'] == 'checkpoint':
            self._store(event)
        elif event['event'] == 'progress':
            self._counters = event
            mover.measured.add(event['read'])
            self._send(mover, finished=False)
        elif event['event'] == 'tuned':
            _log_tuning(self._job.key, event)
        elif event['event'] == 'end':
            self._send(mover, finished=True)

    def _store(self, event):
        """Record what is durable; a later checkpoint includes it."""
        self._job.done = ranges.Ranges(event['done'])
        changed = set(self._checkpoint.chunks if self._checkpoint else ())
        for region, entries in event['hashes']:
            data = bytes.fromhex(entries)
            self._job.hashes.set(region, data)
            last = region + len(data) // manifest.HASH_SIZE - 1
            first = region // manifest.CHUNK_REGIONS
            changed.update(range(first, last // manifest.CHUNK_REGIONS + 1))
        chunks = {index: self._job.hashes.chunk(index) for index in changed}
        self._checkpoint = Checkpoint(event['done'], chunks)

    def _send(self, mover, finished):
        checkpoint, self._checkpoint = self._checkpoint, None
        self._report(
            self._job.key,
            progress(self._counters, mover, finished, checkpoint),
        )
