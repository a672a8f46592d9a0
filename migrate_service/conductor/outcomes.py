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

"""What follows from an event of a migration: pure functions, no database.

Each returns an :class:`outcome.Outcome`: the columns to write and the event
row, with a sentence for people. Members of the project read it, so it names no
worker: the event has a column for that, which only operators see.
``states.advance`` decides the status; here is what goes with it: attempts,
delays, errors, times.
"""

import dataclasses
import datetime

from migrate_service import exceptions
from migrate_service import pipelines
from migrate_service import plan_errors
from migrate_service import states
from migrate_service.conductor import excursions
from migrate_service.conductor import outcome
from migrate_service.db.api import cutovers as cutovers_db
from migrate_service.db.api import leases as leases_db
from migrate_service.db.api import rehearsals as rehearsals_db

FREE = leases_db.FREE
#: Code of the error that the source was started during a cutover.
RESTARTED = 'machine.restarted'
#: The machine may be moved by another migration from now on.
ENDED = {'in_use': None, 'step': None}
#: Nobody wants anything else from now on.
NO_WISH = {
    'cancel_requested_at': None,
    'retry_requested_at': None,
    'rehearse_requested_at': None,
    'prepare_requested_at': None,
    'rollback_requested_at': None,
    'rollback': None,
}
#: What a migration waits for, by its step.
WAITS = {
    pipelines.WAIT: 'Waiting for the cutover.',
    pipelines.ACCEPTANCE: (
        'The server runs. Waiting until it is accepted or rolled back.'
    ),
}


@dataclasses.dataclass(frozen=True)
class Limits:
    """``[conductor]`` options that decide about another try."""

    max_attempts: int
    retry_delay: float


def claimed(row):
    """A worker takes a free migration."""
    wish = wished(row)
    if wish:
        return wish
    values = states.begin(row)
    step = values['step']
    if row.status == states.ACCEPTED:
        event, message = 'started', 'Started.'
    elif row.step_attempts and not row.not_before:
        event = 'taken_over'
        message = f'A worker took over the step {step} at its last checkpoint.'
    else:
        event, message = 'step', f'A worker goes on with the step {step}.'
    return outcome.Outcome(values, event, message)


def wished(row):
    """A user wants it cancelled or taken back; None: nobody does."""
    wish = states.wish(row)
    if wish == 'rollback':
        return taken_back(row)
    return cancelled(row) if wish else None


def exhausted(row):
    """The workers that had the step all fell silent."""
    error = exceptions.WorkersLost(step=row.step, attempts=row.step_attempts)
    return failed(row, error.to_dict(), None, None)


def ended(row, event, error, leftovers, limits, now):
    """A worker ended its lease.

    :param event: ``done``, ``wait``, ``fail``, ``cancel`` or ``release``.
    :param error: what failed, a dict, for ``fail``.
    :param leftovers: ledger entries that are not removed.
    """
    if event == 'release' or (
        event == 'cancel' and row.status == states.CANCELLING
    ):
        return released(row, 'The worker gave the migration back.')
    if event == 'fail':
        return failed(row, error, limits, now)
    if event == 'cancel':
        return wished(row) or cancelled(row)
    wish = wished(row)
    if wish:
        return wish
    values = states.advance(row, event)
    if row.status == states.ROLLING_BACK and row.step != values['step']:
        if values['status'] != states.ROLLING_BACK:
            return _brought_back(row, values)
    if values['status'] == states.CANCELLED and leftovers:
        return _left_behind(row, leftovers)
    return _moved_on(row, values)


def cancelled(row):
    """The rollback begins; the intents are carried out with that.

    Volumes that a user wants to keep are kept through all its tries.
    """
    values = states.advance(row, 'cancel') | outcome.fresh_step() | NO_WISH
    if row.step in pipelines.ROLLBACK or not (
        row.cancel_requested_at or row.status == states.ROLLING_BACK
    ):
        values['rollback'] = row.rollback
    if row.trust_id is None and row.started_at is None:
        return _never_started(values)
    return outcome.Outcome(
        values,
        'cancelling',
        'Cancelling: what was created is being removed.',
        rehearsal={'status': rehearsals_db.CANCELLED},
    )


def taken_back(row, error=None):
    """The source is brought back, and the volumes stay a copy of it.

    :param error: why it happens by itself: the probe failed; None when a
        user wants it.
    """
    rollback = {'replica': 'keep', 'automatic': error is not None}
    values = states.advance(row, 'rollback') | outcome.fresh_step() | NO_WISH
    values |= {'rollback': rollback, 'error': error, 'accept_at': None}
    why = f': {error["message"]}' if error else ', as asked for.'
    return outcome.Outcome(
        values,
        'rolling_back',
        f'The server goes and the source machine comes back{why}',
        {'error': error} if error else {},
    )


def _brought_back(row, values):
    """The source runs again; what was wanted before is no longer."""
    values |= outcome.fresh_step() | NO_WISH | cutovers_db.NONE
    following = (
        'it is copied on, and another cutover can be asked for.'
        if values['status'] == states.WAITING
        else 'retry to stop it again and to copy what it changed.'
    )
    message = f'The source machine is back as it was before: {following}'
    # The next round forgets the error of the migration, but the plan that
    # it is of must not take the machine for one that is ready.
    error = row.error or plan_errors.MachineBroughtBack().to_dict()
    return outcome.Outcome(values, 'rolled_back', message, planned=error)


def _never_started(values):
    """Nobody acted for it, and without a trust nobody can."""
    status = states.next_status(values['status'], 'finish')
    values |= ENDED | {'status': status}
    return outcome.Outcome(values, status, 'Cancelled before it started.')


def retried(row):
    """A user wants a failed step to be tried again.

    A rollback that failed goes on as a rollback: there is no way back.
    """
    fresh = outcome.fresh_step() | {'retry_requested_at': None, 'error': None}
    if row.step in pipelines.ROLLBACK:
        values = states.advance(row, 'cancel')
    elif row.step in pipelines.RETURN:
        values = states.advance(row, 'rollback')
    else:
        values = states.advance(row, 'retry') | _back_to_rounds(row)
    message = f'Retried at the step {values["step"]} as asked for.'
    return outcome.Outcome(values | fresh, 'retried', message)


def _back_to_rounds(row):
    """Return what follows when the source was started during the cutover.

    The replica is kept. What was copied last may be torn, so that the next
    round finds by comparison what differs.
    """
    code = (row.error or {}).get('code')
    if code != RESTARTED or row.step not in pipelines.UNCONVERTED:
        return {}
    checkpoint = {
        name: value
        for name, value in row.checkpoint.items()
        if name not in ('stopped_at', 'copied')
    }
    warm = checkpoint.get('warm', {}) | {'settled': False}
    return cutovers_db.NONE | {
        'step': pipelines.ROUND,
        'checkpoint': checkpoint | {'warm': warm},
    }


def woken(row, now):
    """A migration that waits has something to do.

    An excursion comes first: it was asked for before a cutover was due.
    """
    if row.step == pipelines.ACCEPTANCE:
        return _decided(row, now)
    if row.rehearse_requested_at:
        return excursions.rehearsing(row)
    if row.prepare_requested_at:
        return excursions.preparing(row)
    limited = row.cutover_not_after or row.max_downtime
    if row.cutover_at and row.cutover_at <= now and not limited:
        return cut_over(row)
    asked = 'as asked for' if row.sync_requested_at else 'as it is due'
    return another_round(row, f'Another round begins {asked}.')


def cut_over(row, why=''):
    """The cutover begins."""
    values = states.advance(row, 'cutover') | outcome.fresh_step()
    return outcome.Outcome(
        values | {'sync_requested_at': None},
        'cutover',
        f'The cutover begins{why}: the machine is being stopped.',
    )


def another_round(row, message):
    """A round begins."""
    values = states.advance(row, 'round') | outcome.fresh_step()
    return outcome.Outcome(
        values | {'sync_requested_at': None}, 'round', message
    )


def _decided(row, now):
    """The result is accepted, or will soon be without anybody's word."""
    if row.accept_at and row.accept_at <= now:
        return outcome.Outcome(
            states.advance(row, 'accept') | outcome.fresh_step(),
            'result_accepted',
            'The result is accepted: the source machine stays off.',
        )
    return outcome.Outcome(
        {'not_before': None},
        'acceptance_due',
        f'Nobody has accepted the result: it is accepted by itself at '
        f'{row.accept_at:%Y-%m-%d %H:%M} UTC unless it is rolled back.',
    )


def released(row, message):
    """The lease ends, the step does not; it does not count as a try."""
    values = FREE | {
        'step_attempts': max(0, row.step_attempts - 1),
        'not_before': None,
    }
    return outcome.Outcome(values, 'released', message)


def expired(row, reason):
    """The worker fell silent; the try counts."""
    message = f'The lease of the worker was taken back: {reason}.'
    return outcome.Outcome(dict(FREE), 'released', message)


def failed(row, error, limits, now):
    """A step failed: another try later, an error, or the rollback."""
    error = dict(error)
    retryable = error.pop('retryable', False)
    unfit = error.pop('unfit', False)
    wish = wished(row)
    if wish:
        return wish
    if unfit and _returns_by_itself(row):
        return taken_back(row, error)
    values = states.advance(row, 'fail')
    if retryable and row.step_attempts < limits.max_attempts:
        return _try_again(row, error, limits, now)
    if states.fails_rehearsal(row, 'fail'):
        return excursions.rehearsal_failed(row, values, error)
    if values['status'] == states.WAITING:
        return excursions.failed(row, values, error)
    values |= FREE | {'error': error, 'not_before': None}
    where = f'The step {row.step} failed: ' if row.step else ''
    message = f'{where}{error["message"]}'
    return outcome.Outcome(values, 'failed', message, {'error': error})


def _returns_by_itself(row):
    """Whether a server that is no good is given up for its source.

    A cold migration of a machine that was off brings nothing back.
    """
    was_on = row.checkpoint.get('source_power') == 'on'
    return (
        row.step in pipelines.CUTOVER
        and row.options.get('auto_rollback', True)
        and (row.kind == 'warm' or was_on)
    )


def _try_again(row, error, limits, now):
    delay = limits.retry_delay * 2 ** max(0, row.step_attempts - 1)
    values = FREE | {
        'error': error,
        'not_before': now + datetime.timedelta(seconds=delay),
    }
    message = (
        f'The step {row.step} failed and is tried again in {delay:g} seconds '
        f'(try {row.step_attempts} of {limits.max_attempts}): '
        f'{error["message"]}'
    )
    return outcome.Outcome(values, 'retried', message, {'error': error})


def _moved_on(row, values):
    before = row.step
    rehearsal = None
    if before == pipelines.EVIDENCE:
        rehearsal = {'verdict': rehearsals_db.PASSED}
    elif before == pipelines.REMOVAL:
        rehearsal = {'status': rehearsals_db.ENDED}
    if values['status'] in states.ENDED:
        values |= ENDED
        event = values['status']
        message = {
            states.COMPLETED: 'The machine runs in the project.',
            states.CANCELLED: 'Cancelled; nothing was left behind.',
        }[event]
    elif values['status'] == states.WAITING:
        event, message = 'waiting', WAITS[values['step']]
        if rehearsal:
            message = 'The rehearsal is over; waiting for the cutover.'
        elif before in pipelines.AFTER_FAILURE:
            message = f'The step {before} is done: waiting for the cutover.'
    else:
        event, message = 'step', f'The step {before} is done.'
    error = {'error': None} if row.status == states.RUNNING else {}
    values |= outcome.fresh_step() | error
    return outcome.Outcome(values, event, message, rehearsal=rehearsal)


def _left_behind(row, leftovers):
    names = ', '.join(
        f'{entry.kind} {entry.resource_id or entry.key}' for entry in leftovers
    )
    error = exceptions.LeftBehind(resources=names)
    return failed(row, error.to_dict(), None, None)
