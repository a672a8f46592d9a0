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

"""Statuses of a migration, the transitions between them, and the next step.

Pure data and pure functions. The conductor alone applies them, by a
conditional UPDATE; the diagram in the contributor guide is drawn from
``TRANSITIONS``.
"""

from migrate_service import exceptions
from migrate_service import pipelines

ACCEPTED = 'accepted'
RUNNING = 'running'
WAITING = 'waiting'
ROLLING_BACK = 'rolling_back'
CANCELLING = 'cancelling'
CANCELLED = 'cancelled'
COMPLETED = 'completed'
ERROR = 'error'

STATUSES = (
    ACCEPTED,
    RUNNING,
    WAITING,
    ROLLING_BACK,
    CANCELLING,
    CANCELLED,
    COMPLETED,
    ERROR,
)

#: Nothing leads out of these: the record may be deleted.
ENDED = frozenset({COMPLETED, CANCELLED})
#: A worker may hold a lease on a migration in one of these.
WORKABLE = frozenset({ACCEPTED, RUNNING, ROLLING_BACK, CANCELLING})

TRANSITIONS = {
    (ACCEPTED, 'start'): RUNNING,
    (ACCEPTED, 'cancel'): CANCELLING,
    (ACCEPTED, 'fail'): ERROR,
    (RUNNING, 'done'): RUNNING,
    (RUNNING, 'finish'): COMPLETED,
    (RUNNING, 'wait'): WAITING,
    (RUNNING, 'fail'): ERROR,
    (RUNNING, 'rollback'): ROLLING_BACK,
    (RUNNING, 'cancel'): CANCELLING,
    (WAITING, 'round'): RUNNING,
    (WAITING, 'rehearse'): RUNNING,
    (WAITING, 'prepare'): RUNNING,
    (RUNNING, 'returned'): WAITING,
    (WAITING, 'cutover'): RUNNING,
    (WAITING, 'accept'): RUNNING,
    (WAITING, 'rollback'): ROLLING_BACK,
    (WAITING, 'cancel'): CANCELLING,
    (ERROR, 'retry'): RUNNING,
    (ERROR, 'rollback'): ROLLING_BACK,
    (ERROR, 'cancel'): CANCELLING,
    (ROLLING_BACK, 'done'): ROLLING_BACK,
    (ROLLING_BACK, 'wait'): WAITING,
    (ROLLING_BACK, 'fail'): ERROR,
    (ROLLING_BACK, 'cancel'): CANCELLING,
    (CANCELLING, 'done'): CANCELLING,
    (CANCELLING, 'finish'): CANCELLED,
    (CANCELLING, 'fail'): ERROR,
}


def allows(status, event):
    """Return whether ``event`` leads out of ``status``."""
    return (status, event) in TRANSITIONS


def next_status(status, event):
    """Return the status that ``event`` leads to.

    :raises InvalidTransition: the table has no such transition.
    """
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise exceptions.InvalidTransition(
            status=status, event=event
        ) from None


def pipeline_of(migration):
    """Return the name of the pipeline that a migration is in."""
    if migration.status == CANCELLING:
        return 'rollback'
    if migration.status == ROLLING_BACK:
        return 'return'
    for name, steps in pipelines.EXCURSIONS.items():
        if migration.step in steps:
            return name
    return migration.kind


def fails_rehearsal(migration, event):
    """Return whether ``event`` fails a rehearsal, not the migration."""
    return (
        event == 'fail'
        and pipeline_of(migration) == 'rehearse'
        and migration.step in pipelines.AFTER_FAILURE
    )


def begin(migration):
    """Return the status and step with which a worker starts or goes on."""
    if migration.status != ACCEPTED:
        return {'status': migration.status, 'step': migration.step}
    return {
        'status': next_status(ACCEPTED, 'start'),
        'step': pipelines.first_step(migration.kind),
    }


def wish(migration):
    """Return what a user wants instead of the next step, or None.

    :returns: ``cancel``, ``rollback`` (the source comes back and the copy is
        kept) or None. To take back and keep nothing is to cancel.
    """
    if migration.status in (*ENDED, CANCELLING):
        return None
    if migration.step in pipelines.FINAL:
        return None
    if migration.cancel_requested_at:
        return 'cancel'
    if migration.rollback_requested_at and migration.status != ROLLING_BACK:
        keeps = (migration.rollback or {}).get('replica') == 'keep'
        return 'rollback' if keeps and migration.kind == 'warm' else 'cancel'
    return None


def advance(migration, event):
    """Return the status and step that ``event`` leads to.

    A cancellation or a rollback that was asked for wins over a step that
    just ended and over a step that failed, whoever learns of it first. A
    failure of an excursion is no error of the migration
    (``pipelines.AFTER_FAILURE``).

    :param migration: has ``kind``, ``status``, ``step``, ``rollback``,
        ``rollback_requested_at`` and ``cancel_requested_at``.
    :param event: ``done``, ``wait``, ``fail``, ``cancel``, ``round``,
        ``cutover``, ``accept``, ``rollback``, ``retry`` or the name of an
        excursion.
    :raises InvalidTransition: the table has no such transition.
    """
    status, step = migration.status, migration.step
    if status in (RUNNING, ROLLING_BACK) and event in ('done', 'wait', 'fail'):
        event = wish(migration) or event
    if event == 'fail' and step in pipelines.AFTER_FAILURE:
        step = pipelines.AFTER_FAILURE[step]
        event = 'returned' if step == pipelines.WAIT else 'done'
    elif event in ('done', 'cutover', 'accept'):
        step = pipelines.next_step(pipeline_of(migration), step)
        if not step:
            event, step = _end(migration)
    elif event in pipelines.EXCURSIONS:
        step = pipelines.first_step(event)
    elif event == 'round':
        step = pipelines.ROUND
    elif event == 'cancel':
        step = pipelines.first_step('rollback')
    elif event == 'rollback':
        step = pipelines.first_step('return')
    elif event == 'retry' and step is None:
        step = pipelines.first_step(migration.kind)
    return {'status': next_status(status, event), 'step': step}


def _end(migration):
    """Return the event and the step that follow a pipeline.

    A source that was brought back is copied on: a warm one in rounds, a
    cold one when somebody has seen why, and retries.
    """
    if pipeline_of(migration) in pipelines.EXCURSIONS:
        return 'returned', pipelines.WAIT
    if migration.status != ROLLING_BACK:
        return 'finish', None
    if migration.kind == 'warm':
        return 'wait', pipelines.WAIT
    return 'fail', pipelines.AGAIN
