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

from migrate_service import exceptions
from migrate_service.worker.steps import remove_snapshots
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
    """End the way back; the ledger keeps what the migration made."""
    work.check()
    _tidy(work)
    for entry in work.ledger.left('power'):
        work.ledger.released('power', entry['key'])
    trust.remove(work)


def downtime(checkpoint):
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


def _tidy(work):
    """Remove our traces from the machine that stays off.

    A source may have been switched off for good by now: only a snapshot of
    ours is worth an error, tracking of changes that stays on is not.
    """
    try:
        remove_snapshots.run(work)
    except exceptions.StepFailed as error:
        if work.ledger.left('snapshot'):
            raise
        work.warnings.append(
            f'The tracking of changed blocks stays on at the source: {error}'
        )
        for entry in work.ledger.left('tracking'):
            work.ledger.released('tracking', entry['key'])
