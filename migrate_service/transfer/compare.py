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


"""Find what differs between a source and what its copy is known to hold.

This is the delta where nobody tells what changed: the source is read and
hashed, and only regions whose hash is not the recorded one are copied.
"""

from migrate_service.transfer import copy
from migrate_service.transfer import manifest
from migrate_service.transfer import ranges
from migrate_service.transfer import verify


def differing(jobs, *, workdir, report, check, rate=None):
    """Return the regions of each source that its target may not hold.

    :param jobs: list of :class:`..verify.VerifyJob` with ``export``;
        ``hashes`` tell what the target surely holds. They are not changed.
    :param report: called as ``report(key, copy.DiskProgress)``.
    :param check, rate, workdir: as for :func:`copy.copy`.
    :returns: ``{key: Ranges}`` in bytes, for ``DiskJob(rest='keep')``;
        regions without a hash are among them unread.
    :raises errors.TransferFailed: and its subclasses.
    """
    states = [_State(job, report) for job in jobs]
    verify.reread(
        states, name='compare', workdir=workdir, check=check, rate=rate
    )
    return {state.job.key: state.result() for state in states}


class _State:
    """Compares what comes back for one disk."""

    def __init__(self, job, report):
        self.job = job
        self._report = report
        self._counters = None
        hashes = job.hashes
        self._differing = {
            region
            for region in range(hashes.regions)
            if hashes.get(region) == manifest.UNKNOWN
        }

    def order(self, target):
        """Return what a mover is told to hash, see :mod:`..mover`."""
        known = ranges.Ranges([(0, self.job.hashes.regions)]).subtract(
            ranges.Ranges((region, 1) for region in self._differing)
        )
        return {
            'mode': 'verify',
            'size': self.job.size,
            'source': copy.source(self.job.export),
            'target': target,
            'target_regions': [],
            'source_regions': known.to_json(),
            'tail': False,
            'checkpoint_interval': 1.0,
        }

    def take(self, mover, event):
        if event['event'] == 'hashes':
            for region, entry in event['source']:
                if self.job.hashes.get(region) != bytes.fromhex(entry):
                    self._differing.add(region)
        elif event['event'] == 'progress':
            self._counters = event
            mover.measured.add(event['read'])
        if event['event'] in ('progress', 'end'):
            finished = event['event'] == 'end'
            self._report(
                self.job.key,
                copy.progress(self._counters, mover, finished, None),
            )

    def result(self):
        size = manifest.REGION
        return ranges.Ranges(
            (region * size, min(size, self.job.size - region * size))
            for region in self._differing
        )
