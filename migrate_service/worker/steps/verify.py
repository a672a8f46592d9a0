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


"""Re-read the targets before anything changes them."""

from migrate_service.worker.steps import ends
from migrate_service.worker.steps import rereading


def run(work):
    """Verify all targets; the result shows the digests of both sides."""
    mode = work.options.get('verify') or 'sample'
    with (
        work.open_destination() as destination,
        ends.attached(work, destination) as sinks,
    ):
        results = rereading.compare_and_mend(work, sinks, mode=mode)
    work.checkpoint['verified'] = {
        key: {'mode': mode, 'checked': result.checked}
        for key, (result, _hashes) in results.items()
    }
    for entry in work.result['disks']:
        result, hashes = results[entry['key']]
        entry['verified'] = mode
        entry['bytes_verified'] = result.checked
        entry['source_digest'] = hashes.digest()
        if mode != 'sample' and not result.unknown:
            entry['target_digest'] = hashes.digest()
