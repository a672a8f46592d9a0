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

"""Re-read targets and compare them with the hashes of the source."""

import contextlib
import dataclasses
import os
import random

import blake3

from migrate_service.transfer import copy
from migrate_service.transfer import manifest
from migrate_service.transfer import movers
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from migrate_service.transfer import transports


@dataclasses.dataclass
class VerifyJob:
    """One target to verify.

    :param key: name of the disk in reports and errors.
    :param size: bytes of the source disk.
    :param sink: the target.
    :param hashes: the manifest of the copy; regions that were unknown and
        could be read from ``export`` are filled in place.
    :param export: the frozen source, to settle regions without a hash (a
        delta leaves such); None leaves them unknown.
    """

    key: str
    size: int
    sink: sinks.Sink
    hashes: manifest.Manifest
    export: transports.Export | None = None


@dataclasses.dataclass(frozen=True)
class VerifyResult:
    """What verification found for one disk.

    :param checked: bytes of the target that were compared.
    :param mismatches: ranges where the target differs, whole regions, plus
        the part of the tail that is not zero; copy them again with
        ``DiskJob(extents=list(mismatches), rest='keep')``.
    :param unknown: regions that could not be compared for want of a hash.
    """

    checked: int
    mismatches: ranges.Ranges
    unknown: int


def verify(
    jobs, *, mode, workdir, report, check, rate=None, sample=64, seed=None
):
    """Re-read the targets past the page cache and compare.

    :param jobs: list of :class:`VerifyJob`.
    :param mode: ``full`` (every region, that zeros are zero, the tail) or
        ``sample`` (``sample`` regions of each disk, chosen at random by
        ``seed``, and always the first and the last one).
    :param report: called as ``report(key, copy.DiskProgress)``.
    :param check, rate, workdir: as for :func:`copy.copy`.
    :returns: ``{key: VerifyResult}``; a mismatch is a result, no error.
    """
    chooser = random.Random(seed)  # noqa: S311 - a sample, not a secret
    states = [_State(job, mode, sample, chooser, report) for job in jobs]
    reread(states, name='verify', workdir=workdir, check=check, rate=rate)
    return {state.job.key: state.result for state in states}


def reread(states, *, name, workdir, check, rate):
    """Have movers hash what the states order, in parallel.

    :param states: each has ``job``, ``order(target)`` and
        ``take(mover, event)``.
    :param name: begins the names of sockets and logs in ``workdir``.
    """
    with contextlib.ExitStack() as stack:
        movers_of = {}
        for index, state in enumerate(states):
            job = state.job
            target = stack.enter_context(
                sinks.serve(
                    job.sink,
                    disk=job.key,
                    workdir=workdir,
                    name=f'{name}-{index}',
                    readonly=True,
                )
            )
            share = movers.limit(rate)
            spec = state.order(target) | {
                'rate': share and share // len(states)
            }
            explain = job.export.explain if job.export else str
            log = os.path.join(workdir, f'{name}-{index}.log')
            mover = movers.Mover(job.key, spec, log, explain)
            stack.callback(mover.kill)
            movers_of[mover] = state
        movers.run(
            list(movers_of),
            check=check,
            handle=lambda mover, event: movers_of[mover].take(mover, event),
            rate=rate,
        )


class _State:
    """Chooses the regions of one disk and compares what comes back."""

    def __init__(self, job, mode, sample, chooser, report):
        self.job = job
        self.result = None
        self._report = report
        self._full = mode == 'full'
        self._counters = None
        self._target = {}
        self._source = {}
        chosen = list(range(job.hashes.regions))
        if not self._full and sample < len(chosen):
            ends = {0, len(chosen) - 1}
            chosen = sorted(ends | set(chooser.sample(chosen, sample)))
        self._chosen = chosen
        self._unknown = [
            region
            for region in self._chosen
            if job.hashes.get(region) == manifest.UNKNOWN
        ]

    def order(self, target):
        """Return what a mover is told to hash, see :mod:`..mover`."""
        asked = self._unknown if self.job.export else []
        left_out = set() if self.job.export else set(self._unknown)
        wanted = [one for one in self._chosen if one not in left_out]
        return {
            'mode': 'verify',
            'size': self.job.size,
            'source': copy.source(self.job.export),
            'target': target,
            'target_regions': ranges.Ranges(
                (one, 1) for one in wanted
            ).to_json(),
            'source_regions': ranges.Ranges(
                (one, 1) for one in asked
            ).to_json(),
            'tail': self._full,
            'checkpoint_interval': 1.0,
        }

    def take(self, mover, event):
        if event['event'] == 'hashes':
            self._target.update(event['target'])
            self._source.update(event['source'])
        elif event['event'] == 'progress':
            self._counters = event
            mover.measured.add(event['read'])
        if event['event'] == 'end':
            self._compare(event)
        if event['event'] in ('progress', 'end'):
            finished = event['event'] == 'end'
            progress = copy.progress(self._counters, mover, finished, None)
            self._report(self.job.key, progress)

    def _compare(self, event):
        for region, entry in self._source.items():
            self.job.hashes.set(region, bytes.fromhex(entry))
        different = ranges.Ranges(event['tail'])
        checked = 0
        for region, entry in self._target.items():
            start = region * manifest.REGION
            length = min(manifest.REGION, self.job.size - start)
            checked += length
            if self.job.hashes.get(region) != bytes.fromhex(entry):
                different.add(start, length)
        if self._full:
            checked += self.job.sink.size - self.job.size
        unknown = 0 if self.job.export else len(self._unknown)
        self.result = VerifyResult(checked, different, unknown)


def file_digest(path, size):
    """Return the hex BLAKE3 of the first ``size`` bytes of a raw image.

    For comparing a whole source with its whole target in tests.
    """
    hasher = blake3.blake3()
    with open(path, 'rb') as image:
        while size:
            data = image.read(min(size, manifest.REGION))
            if not data:
                raise EOFError(f'{path} ends {size} bytes early')
            hasher.update(data)
            size -= len(data)
    return hasher.hexdigest()
