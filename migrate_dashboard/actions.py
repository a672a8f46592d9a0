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


"""What a user may do with a migration, when, and what it does to whom.

Table rows, bulk actions, the page of a migration and its dialogs read it.
"""

import collections.abc
import dataclasses

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from openstack_dashboard import policy

from migrate_dashboard import steps


@dataclasses.dataclass(frozen=True)
class Action:
    """One verb.

    ``allowed`` is a function of a migration: whether its state permits it.
    ``method`` is of the client and takes the id of the migration.
    ``consequence`` says what will happen, to the source above all.
    """

    name: str
    rule: str
    method: str
    verb: object
    #: ``ngettext_lazy`` pairs for several migrations.
    verbs: tuple
    done: tuple
    consequence: object
    allowed: collections.abc.Callable
    icon: str
    bulk: bool = True
    danger: bool = False

    @property
    def policy(self):
        return (('migration', f'migrate:{self.rule}'),)

    def past(self, count):
        return ngettext_lazy(*self.done, count)


def _in_rounds(migration):
    return (
        migration.kind == 'warm'
        and migration.status in ('running', 'waiting')
        and migration.step in steps.BEFORE_CUTOVER
        and not migration.cancel_requested_at
    )


def _can_rehearse(migration):
    return (
        _in_rounds(migration)
        and migration.step in steps.ROUNDS
        and bool((migration.progress or {}).get('rounds'))
        and not migration.rehearse_requested_at
    )


def _undecided(migration):
    return not (
        migration.cancel_requested_at or migration.rollback_requested_at
    )


def _can_accept(migration):
    return (
        migration.status == 'waiting'
        and migration.step == 'await_acceptance'
        and _undecided(migration)
    )


def _can_roll_back(migration):
    return (
        migration.status in ('running', 'waiting', 'error')
        and migration.step in steps.CUTOVER
        and _undecided(migration)
    )


def _can_retry(migration):
    return migration.status == 'error' and not migration.cancel_requested_at


def _can_cancel(migration):
    return (
        migration.status not in (*steps.ENDED, 'cancelling')
        and migration.step != 'release_source'
        and not migration.cancel_requested_at
    )


def _withdrawable(migration):
    return _in_rounds(migration) and bool(migration.cutover_at)


def _has_ended(migration):
    return migration.status in steps.ENDED


ACTIONS = (
    Action(
        name='cutover',
        rule='migrations:cutover',
        method='cut_over_migration',
        verb=_('Cut Over'),
        verbs=('Cut Over', 'Cut Over'),
        done=('Asked for the cutover of', 'Asked for the cutover of'),
        consequence=_(
            'The source machine is shut down, its last changes are copied, '
            'and a server takes its place. The source stays off, and is not '
            'changed: until you accept the server you can bring it back.'
        ),
        allowed=_in_rounds,
        icon='power-off',
        danger=True,
    ),
    Action(
        name='withdraw',
        rule='migrations:cutover',
        method='withdraw_cutover',
        verb=_('Withdraw Cutover'),
        verbs=('Withdraw Cutover', 'Withdraw Cutovers'),
        done=('Withdrew the cutover of', 'Withdrew the cutovers of'),
        consequence=_(
            'The source machine goes on running, and its changes are copied '
            'in rounds as before.'
        ),
        allowed=_withdrawable,
        icon='undo',
        bulk=False,
    ),
    Action(
        name='sync',
        rule='migrations:sync',
        method='sync_migration',
        verb=_('Copy Changes Now'),
        verbs=('Copy Changes Now', 'Copy Changes Now'),
        done=('Asked for a round of', 'Asked for a round of'),
        consequence=_(
            'What changed since the last round is copied now. The source '
            'machine goes on running; a snapshot of it is made and removed.'
        ),
        allowed=_in_rounds,
        icon='refresh',
    ),
    Action(
        name='rehearse',
        rule='rehearsals:create',
        method='rehearse_migration',
        verb=_('Rehearse'),
        verbs=('Rehearse', 'Rehearse'),
        done=('Asked for a rehearsal of', 'Asked for a rehearsal of'),
        consequence=_(
            'Clones of the volumes are converted and booted on a network '
            'without a way out, looked at, and removed again. Nothing '
            'happens to the source machine: it goes on running.'
        ),
        allowed=_can_rehearse,
        icon='flask',
        bulk=False,
    ),
    Action(
        name='accept',
        rule='migrations:accept',
        method='accept_migration',
        verb=_('Accept'),
        verbs=('Accept', 'Accept'),
        done=('Accepted', 'Accepted'),
        consequence=_(
            'The server is yours and the migration ends. The source machine '
            'stays off for good; it is not deleted. After this it cannot be '
            'brought back by a rollback any more.'
        ),
        allowed=_can_accept,
        icon='check',
    ),
    Action(
        name='rollback',
        rule='migrations:rollback',
        method='roll_back_migration',
        verb=_('Roll Back'),
        verbs=('Roll Back', 'Roll Back'),
        done=('Asked for the rollback of', 'Asked for the rollback of'),
        consequence=_(
            'The server is deleted, with everything that was written in it '
            'since the cutover. The source machine gets back the power '
            'state that it had.'
        ),
        allowed=_can_roll_back,
        icon='backward',
        danger=True,
    ),
    Action(
        name='retry',
        rule='migrations:retry',
        method='retry_migration',
        verb=_('Retry'),
        verbs=('Retry', 'Retry'),
        done=('Retried', 'Retried'),
        consequence=_(
            'It goes on at the step that failed. The source machine is '
            'treated as that step treats it.'
        ),
        allowed=_can_retry,
        icon='repeat',
    ),
    Action(
        name='cancel',
        rule='migrations:cancel',
        method='cancel_migration',
        verb=_('Cancel Migration'),
        verbs=('Cancel Migration', 'Cancel Migrations'),
        done=('Asked for the cancellation of', 'Asked for cancellations of'),
        consequence=_(
            'Everything that was made in the cloud is removed: server, '
            'ports, volumes with what was copied. The source machine gets '
            'back the power state that it had, and its snapshots of ours '
            'are removed.'
        ),
        allowed=_can_cancel,
        icon='ban',
        danger=True,
    ),
    Action(
        name='delete',
        rule='migrations:delete',
        method='delete_migration',
        verb=_('Delete Record'),
        verbs=('Delete Record', 'Delete Records'),
        done=('Deleted the record of', 'Deleted the records of'),
        consequence=_(
            'Only the record, its events and its logs go. The server and '
            'the source machine stay as they are.'
        ),
        allowed=_has_ended,
        icon='trash',
        danger=True,
    ),
)
BY_NAME = {action.name: action for action in ACTIONS}


def offered(request, datum, known=ACTIONS):
    """Return those of ``known`` that policy and state offer."""
    return [
        action
        for action in known
        if action.allowed(datum) and policy.check(action.policy, request)
    ]
