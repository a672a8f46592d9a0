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


"""Make the volumes a replica again, after a server has run from them.

Conversion and guest have written where no tracking of the source looked: a
delta would never mend that. The manifest tells what each region held when the
source was off, so every region that differs from it is copied once more, with
the changes since the last round. Rounds then go on with the change ids that
they had.
"""

from migrate_service.transfer import manifest
from migrate_service.transfer import ranges
from migrate_service.transfer import verify
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import release_source
from migrate_service.worker.steps import rounds

#: What a result no longer tells when the server is gone.
GONE = (
    'server_id',
    'conversion',
    'disks',
    'downtime',
    'final_copy',
    'probe',
    'reached',
)


def run(work):
    """Note what differs, for the next round or copy, and forget the rest."""
    state = rounds.state_of(work)
    dirty = state['last']
    if work.checkpoint.get('conversion'):
        # The copy before the conversion was verified: it was complete.
        state.update(content=None, settled=True, whole=True)
        dirty = _united(dirty, _differing(work))
    state['dirty'] = _united(state['dirty'], dirty)
    for name in (
        'conversion',
        'verified',
        'copied',
        'stopped_at',
        'stopping_at',
    ):
        work.checkpoint.pop(name, None)
    work.checkpoint.pop('server_id', None)
    for step in release_source.STEPS.values():
        work.checkpoint.get('timings', {}).pop(step, None)
    for name in GONE:
        if name in work.result:
            work.result[name] = None
    work.checkpoint['wake_after'] = 0
    work.save()


def _differing(work):
    """Return ``{disk key: [[start, length], …]}`` that is to be copied."""
    hashes = {
        disk.key: manifest.Manifest(disk.size, work.manifest(disk.key))
        for disk in ends.machine_of(work).disks
    }
    with (
        work.open_destination() as destination,
        ends.attached(work, destination) as sinks,
    ):
        results = verify.verify(
            [
                verify.VerifyJob(
                    key=key, size=entry.size, sink=sinks[key], hashes=entry
                )
                for key, entry in hashes.items()
            ],
            mode='full',
            workdir=work.workdir,
            report=lambda key, progress: None,
            check=work.check,
        )
    return {
        key: _forgotten(work, key, entry, results[key].mismatches)
        for key, entry in hashes.items()
    }


def _united(one, other):
    return {
        key: ranges.Ranges(one.get(key, []))
        .union(ranges.Ranges(other.get(key, [])))
        .to_json()
        for key in one.keys() | other.keys()
    }


def _forgotten(work, key, hashes, mismatches):
    """Forget the hashes of what differs, durably; return all without one."""
    inside = mismatches.intersect(ranges.Ranges([(0, hashes.size)]))
    changed = set()
    for start, length in inside:
        last = (start + length - 1) // manifest.REGION
        for region in range(start // manifest.REGION, last + 1):
            hashes.set(region, manifest.UNKNOWN)
            changed.add(region // manifest.CHUNK_REGIONS)
    work.store_manifest(key, {index: hashes.chunk(index) for index in changed})
    return mismatches.union(hashes.unhashed()).to_json()
