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

"""The steps of each pipeline, in order, as data.

A migration stores only the *name* of its step. Steps are idempotent: each
ensures, finds or resumes, so that running one again is harmless.
"""

COLD = (
    'inspect',
    'reserve',
    'stop_source',
    'copy_disks',
    'verify',
    'convert',
    'create_server',
    'probe',
    'await_acceptance',
    'release_source',
)

#: ``precopy`` is one round; the conductor repeats it while it waits.
WARM = (
    'inspect',
    'reserve',
    'precopy',
    'plan_conversion',
    'await_cutover',
    'stop_source',
    'final_copy',
    'verify',
    'convert',
    'create_server',
    'probe',
    'await_acceptance',
    'release_source',
)
ROUND = 'precopy'
WAIT = 'await_cutover'
#: Steps in which an excursion may be asked for.
ROUNDS = frozenset({ROUND, 'plan_conversion', WAIT})

#: A test boot of clones of the volumes. Whatever fails in it, its last two
#: steps are carried out.
REHEARSE = (
    'isolate_network',
    'clone_volumes',
    'convert_clones',
    'create_isolated_server',
    'probe_isolated',
    'collect_evidence',
    'remove_rehearsal',
)
EVIDENCE, REMOVAL = REHEARSE[-2:]
#: Make the guest that runs at the source ready for its new hardware.
PREPARE = ('prepare_guest',)

#: What a warm migration does from the wait for the cutover, and then waits
#: again.
EXCURSIONS = {'rehearse': REHEARSE, 'prepare': PREPARE}
#: Where a failure leads that is one of the excursion, not of the migration.
AFTER_FAILURE = {
    **dict.fromkeys(REHEARSE[:-2], EVIDENCE),
    EVIDENCE: REMOVAL,
    'prepare_guest': WAIT,
}
#: Steps in which a cutover or a round may be asked for.
BEFORE_CUTOVER = ROUNDS.union(*EXCURSIONS.values())
#: Waits until the user accepts the server, or wants the source back.
ACCEPTANCE = 'await_acceptance'
#: Steps with the source off: from each of them it can be brought back.
CUTOVER = frozenset(
    {
        'stop_source',
        'copy_disks',
        'final_copy',
        'verify',
        'convert',
        'create_server',
        'probe',
        ACCEPTANCE,
    }
)

#: Steps that find the source restarted only while the replica is as copied.
UNCONVERTED = frozenset({'final_copy', 'verify', 'convert'})

ROLLBACK = (
    'stop_server',
    'restore_source',
    'remove_snapshots',
    'remove_created',
)

#: Brings the source back and makes the volumes a replica again.
RETURN = (
    'remove_server',
    'return_source',
    'restore_replica',
)
#: Where a cold migration whose source was brought back can be retried.
AGAIN = 'stop_source'

#: A migration that has come to one of these cannot be taken back: the trust,
#: by which whatever it made could be removed, goes with it.
FINAL = frozenset({'release_source'})

PIPELINES = {
    'cold': COLD,
    'warm': WARM,
    'rollback': ROLLBACK,
    'return': RETURN,
    **EXCURSIONS,
}


def all_steps():
    """Return the names of all steps, sorted."""
    return sorted({step for steps in PIPELINES.values() for step in steps})


def first_step(pipeline):
    """Return the name of the first step of ``pipeline``."""
    return PIPELINES[pipeline][0]


def next_step(pipeline, step):
    """Return the step after ``step``, or None at the end."""
    steps = PIPELINES[pipeline]
    following = steps.index(step) + 1
    return steps[following] if following < len(steps) else None
