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


"""Let go of the source: it stays off, and nothing of it is deleted.

This is the point of no return: without the trust nothing can be removed.
"""

import time

from migrate_service.worker.steps import trust

#: What a cutover consists of, and the step that does it.
STEPS = {
    'shutdown': 'stop_source',
    'delta': 'final_copy',
    'verify': 'verify',
    'convert': 'convert',
    'create': 'create_server',
    'boot': 'probe',
}


def run(work):
    """End the delegation; the ledger keeps what the migration made."""
    work.check()
    if 'warm' in work.checkpoint:
        work.result.setdefault('downtime', _downtime(work.checkpoint))
    trust.remove(work)


def _downtime(checkpoint):
    """Return the seconds of each part of the cutover, and of all of it.

    The total is that of a clock: also what lay between the steps counts.
    """
    timings = checkpoint['timings']
    parts = {
        part: timings[step] for part, step in STEPS.items() if step in timings
    }
    total = sum(parts.values())
    if 'stopping_at' in checkpoint:
        total = max(total, time.time() - checkpoint['stopping_at'])
    return parts | {'total': round(total, 3)}
