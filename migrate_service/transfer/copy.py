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

import dataclasses

from migrate_service.transfer import manifest
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from migrate_service.transfer import transports


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


def copy(
    jobs, *, workdir, report, check, rate=None, checkpoint_interval=10.0
):
    """Copy all disks in parallel; return when all are complete and flushed.

    Blocks; call it in a thread of the worker. Each disk has its own child
    process, killed within two seconds when ``check`` raises.

    :param jobs: list of :class:`DiskJob` with distinct keys.
    :param workdir: private directory for sockets and logs.
    :param report: called as ``report(key, DiskProgress)`` about once a
        second for each disk, and once at its end.
    :param check: called at least every 0.5 s; what it raises stops all.
    :param rate: bytes a second for all disks together, None for no limit,
        or a callable that returns the limit of the moment.
    :param checkpoint_interval: seconds between checkpoints of a disk.
    :returns: ``{key: Manifest}``: the hashes recorded. After a delta
        (``rest='keep'``) a region that its extents cover only in part is
        :data:`manifest.UNKNOWN`: ``verify`` fills it.
    :raises errors.TransferFailed: and its subclasses.
    """
    raise NotImplementedError
