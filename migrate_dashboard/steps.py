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


"""How statuses and steps of migrations are called, and their order."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: status: (label, look)
STATUSES = {
    'accepted': (pgettext_lazy('status', 'Accepted'), 'busy'),
    'running': (pgettext_lazy('status', 'Running'), 'busy'),
    'waiting': (pgettext_lazy('status', 'Waiting for you'), 'attention'),
    'rolling_back': (pgettext_lazy('status', 'Rolling back'), 'busy'),
    'cancelling': (pgettext_lazy('status', 'Cancelling'), 'busy'),
    'cancelled': (pgettext_lazy('status', 'Cancelled'), 'ended'),
    'completed': (pgettext_lazy('status', 'Completed'), 'good'),
    'error': (pgettext_lazy('status', 'Error'), 'bad'),
    # Of plans, their waves and machines.
    'draft': (pgettext_lazy('status', 'Draft'), 'ended'),
    'paused': (pgettext_lazy('status', 'Paused'), 'attention'),
    'pending': (pgettext_lazy('status', 'Not begun'), 'ended'),
    'done': (pgettext_lazy('status', 'Done'), 'good'),
    'failed': (pgettext_lazy('status', 'Failed'), 'bad'),
    'moving': (pgettext_lazy('status', 'Moving'), 'busy'),
    'arrived': (pgettext_lazy('status', 'To be accepted'), 'attention'),
    # Of rehearsals.
    'requested': (pgettext_lazy('status', 'Asked for'), 'busy'),
    'ended': (pgettext_lazy('status', 'Ended'), 'ended'),
    'passed': (pgettext_lazy('status', 'Passed'), 'good'),
    # Of sources and assessments.
    'verifying': (pgettext_lazy('status', 'Verifying'), 'busy'),
    'ready': (pgettext_lazy('status', 'Ready'), 'good'),
}
ENDED = frozenset({'cancelled', 'completed'})

STEPS = {
    'inspect': _('Look at the machine'),
    'reserve': _('Reserve volumes and ports'),
    'precopy': _('Copy while it runs'),
    'plan_conversion': _('Plan the conversion'),
    'await_cutover': _('Wait for cutover'),
    'stop_source': _('Stop the source'),
    'copy_disks': _('Copy the disks'),
    'final_copy': _('Copy the last changes'),
    'verify': _('Verify the copy'),
    'convert': _('Convert the guest'),
    'create_server': _('Create the server'),
    'probe': _('Check the server'),
    'await_acceptance': _('Wait for acceptance'),
    'release_source': _('Finish'),
    'isolate_network': _('Rehearsal: isolate the network'),
    'clone_volumes': _('Rehearsal: clone the volumes'),
    'convert_clones': _('Rehearsal: convert the clones'),
    'create_isolated_server': _('Rehearsal: create the server'),
    'probe_isolated': _('Rehearsal: check the server'),
    'collect_evidence': _('Rehearsal: collect the evidence'),
    'remove_rehearsal': _('Rehearsal: remove what was made'),
    'prepare_guest': _('Prepare the guest'),
    'stop_server': _('Stop the server'),
    'restore_source': _('Bring the source back'),
    'remove_snapshots': _('Remove snapshots'),
    'remove_created': _('Remove what was made'),
    'remove_server': _('Remove the server'),
    'return_source': _('Bring the source back'),
    'restore_replica': _('Make the volumes a replica again'),
}

_END = (
    'verify',
    'convert',
    'create_server',
    'probe',
    'await_acceptance',
)
TRACKS = {
    'cold': ('inspect', 'reserve', 'stop_source', 'copy_disks', *_END),
    'warm': (
        'inspect',
        'reserve',
        'precopy',
        'plan_conversion',
        'await_cutover',
        'stop_source',
        'final_copy',
        *_END,
    ),
}
#: Steps in which a warm migration makes rounds or waits.
ROUNDS = frozenset({'precopy', 'plan_conversion', 'await_cutover'})
REHEARSAL = frozenset(
    {
        'isolate_network',
        'clone_volumes',
        'convert_clones',
        'create_isolated_server',
        'probe_isolated',
        'collect_evidence',
        'remove_rehearsal',
    }
)
BEFORE_CUTOVER = ROUNDS | REHEARSAL | {'prepare_guest'}
#: Steps with the source off, from which it can be brought back.
CUTOVER = frozenset({'stop_source', 'copy_disks', 'final_copy', *_END})
RETURN = frozenset({'remove_server', 'return_source', 'restore_replica'})

DOWNTIME_PARTS = {
    'shutdown': _('Shut the guest down'),
    'delta': _('Copy the last changes'),
    'verify': _('Verify'),
    'convert': _('Convert'),
    'create': _('Create the server'),
    'boot': _('Boot'),
}


def track(migration):
    """Return ``[(label, state)]`` of the steps that lead to the end.

    The state is ``done``, ``now``, ``failed`` or ``ahead``. Rehearsals and
    preparations happen while the migration waits for its cutover; a way back
    is not on the track: nothing of it is ``now``.
    """
    steps = TRACKS.get(migration.kind, ())
    if migration.status == 'completed':
        return [(STEPS[step], 'done') for step in steps]
    step = migration.step
    if step in REHEARSAL or step == 'prepare_guest':
        step = 'await_cutover'
    at = steps.index(step) if step in steps else len(steps)
    if step is None or step not in (*steps, 'release_source'):
        return [(STEPS[name], 'ahead') for name in steps]
    now = 'failed' if migration.status == 'error' else 'now'
    return [
        (STEPS[name], 'done' if i < at else now if i == at else 'ahead')
        for i, name in enumerate(steps)
    ]
