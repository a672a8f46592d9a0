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


"""What a user may do with a plan, when, and what it does to the sources."""

from django.utils.translation import gettext_lazy as _

from migrate_dashboard import actions

ENDED = frozenset({'cancelled', 'completed'})


def _from(*statuses):
    return lambda plan: plan.status in statuses


ACTIONS = (
    actions.Action(
        name='start',
        rule='plans:act',
        method='start_plan',
        verb=_('Start'),
        verbs=('Start', 'Start'),
        done=('Started', 'Started'),
        consequence=_(
            'The first waves begin as their windows allow. The machines of '
            'a cold plan are shut down when their turn comes; those of a '
            'warm one go on running until they are cut over.'
        ),
        allowed=_from('draft'),
        icon='play',
    ),
    actions.Action(
        name='pause',
        rule='plans:act',
        method='pause_plan',
        verb=_('Pause'),
        verbs=('Pause', 'Pause'),
        done=('Paused', 'Paused'),
        consequence=_(
            'Nothing new begins. What moves already goes on: a machine '
            'whose cutover has begun is not left half way.'
        ),
        allowed=_from('running'),
        icon='pause',
    ),
    actions.Action(
        name='resume',
        rule='plans:act',
        method='resume_plan',
        verb=_('Resume'),
        verbs=('Resume', 'Resume'),
        done=('Resumed', 'Resumed'),
        consequence=_(
            'The plan goes on where it stopped; machines that failed are '
            'tried again. Source machines are treated as before.'
        ),
        allowed=_from('paused', 'error'),
        icon='play',
    ),
    actions.Action(
        name='cutover',
        rule='plans:act',
        method='cut_over_plan',
        verb=_('Cut Over What Is Ready'),
        verbs=('Cut Over What Is Ready', 'Cut Over What Is Ready'),
        done=('Asked for the cutover of', 'Asked for the cutover of'),
        consequence=_(
            'Each machine that waits for its cutover, and each that becomes '
            'ready, is shut down at the source and replaced by its server. '
            'Sources stay off and are not changed.'
        ),
        allowed=lambda plan: plan.kind == 'warm' and plan.status == 'running',
        icon='power-off',
        danger=True,
    ),
    actions.Action(
        name='cancel',
        rule='plans:act',
        method='cancel_plan',
        verb=_('Cancel Plan'),
        verbs=('Cancel Plan', 'Cancel Plans'),
        done=('Asked for the cancellation of', 'Asked for cancellations of'),
        consequence=_(
            'What moves is taken back: what was made in the cloud for it is '
            'removed, and its source machines get back the power state that '
            'they had. Machines that were accepted stay in the cloud.'
        ),
        allowed=_from('running', 'paused', 'error'),
        icon='ban',
        danger=True,
    ),
    actions.Action(
        name='delete',
        rule='plans:delete',
        method='delete_plan',
        verb=_('Delete Plan'),
        verbs=('Delete Plan', 'Delete Plans'),
        done=('Deleted', 'Deleted'),
        consequence=_(
            'Only the plan goes. Its migrations, servers and source '
            'machines stay as they are.'
        ),
        allowed=_from('draft', *ENDED),
        icon='trash',
        danger=True,
    ),
)
BY_NAME = {action.name: action for action in ACTIONS}
