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

"""Queries on migrations."""

import sqlalchemy as sa
from oslo_db import exception
from sqlalchemy import orm

from migrate_service import exceptions
from migrate_service import grant_errors
from migrate_service import pipelines
from migrate_service import plan_errors
from migrate_service import states
from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db.api import events
from migrate_service.db.api import leases
from migrate_service.db.api import paging
from migrate_service.db.api import plans
from migrate_service.db.api import rehearsals

#: Where a cancellation that was asked for still has to be acted upon. The
#: conductor clears the request when it does.
CANCELLABLE = (
    states.ACCEPTED,
    states.RUNNING,
    states.WAITING,
    states.ROLLING_BACK,
    states.ERROR,
)


def create(context, values, entries=(), details=None):
    """Insert a migration with its first event, and return the row.

    :param values: columns; ``in_use`` among them.
    :param entries: dicts of columns of ``models.LedgerEntry`` that are
        written in the same transaction.
    :param details: of the first event.
    :raises MachineInUse: another migration is moving the machine.
    :raises MachineTaken: that is one of another project.
    """
    try:
        return insert(context, values, entries, details)
    except exception.DBDuplicateEntry:
        raise taken(context, values) from None


@api.writer
def insert(context, values, entries=(), details=None):
    """Insert what :func:`create` does, within a transaction.

    :raises DBDuplicateEntry: another migration is moving the machine.
    """
    migration = models.Migration(**values)
    context.session.add(migration)
    context.session.flush()
    for entry in entries:
        context.session.add(
            models.LedgerEntry(migration_id=migration.id, **entry)
        )
    event = {
        'event': 'created',
        'status': migration.status,
        'user_id': migration.user_id,
        'details': details or {},
    }
    events.append(context, migration.id, event)
    return migration


@api.reader
def user_of(context, machine):
    """Return the id of the migration that uses a machine, or None."""
    query = sa.select(models.Migration.id).filter_by(in_use=machine)
    return context.session.scalar(query)


@api.reader
def taken(context, values):
    """Return the error for a machine that another migration is moving.

    It tells no other project's migration.
    """
    query = sa.select(
        models.Migration.id, models.Migration.project_id
    ).filter_by(in_use=values['in_use'])
    other = context.session.execute(query).first()
    if other and other.project_id != values['project_id']:
        return grant_errors.MachineTaken(machine=values['machine_name'])
    return exceptions.MachineInUse(
        machine=values['machine_name'],
        migration=other.id if other else 'another',
    )


@api.reader
def get(context, id):
    """Return the migration.

    :raises NotFound: there is none.
    """
    migration = context.session.get(models.Migration, id)
    if migration is None:
        raise exceptions.NotFound(kind='migration', id=id)
    return migration


@api.reader
def page(context, filters, page):
    """Return a page of migrations; ``filters`` maps columns to values.

    Without their checkpoints, which are the most of a row.
    """
    checkpoint = orm.defer(models.Migration.checkpoint, raiseload=True)
    query = sa.select(models.Migration).filter_by(**filters)
    query = query.options(checkpoint)
    return paging.fetch(context, query, models.Migration, page)


@api.writer
def trusted(context, id, trust_id):
    """Note the trust of a migration, with which it may be claimed.

    :raises InvalidTransition: it was cancelled meanwhile: nobody would ever
        delete the trust.
    """
    changed = context.session.execute(
        sa.update(models.Migration)
        .where(models.Migration.status.not_in(states.ENDED))
        .filter_by(id=id, trust_id=None)
        .values(trust_id=trust_id)
    ).rowcount
    if not changed:
        raise exceptions.InvalidTransition(
            status=states.CANCELLED, event='start'
        )
    context.session.execute(
        sa.update(models.LedgerEntry)
        .filter_by(migration_id=id, kind='trust')
        .values(state='present', resource_id=trust_id)
    )


@api.writer
def discard(context, id):
    """Delete a migration that never got its trust, and so never ran."""
    context.session.execute(
        sa.delete(models.Migration).filter_by(id=id, trust_id=None)
    )


def delete(context, id):
    """Delete the record of a migration that ended, with all it holds.

    :raises Conflict: it has not ended, or belongs to a plan.
    """
    try:
        deleted = _delete_ended(context, id)
    except exception.DBReferenceError:
        raise plan_errors.MigrationInPlan(id=id) from None
    if not deleted:
        raise exceptions.MigrationNotEnded(
            id=id, status=get(context, id).status
        )


@api.writer
def _delete_ended(context, id):
    query = sa.delete(models.Migration).where(
        models.Migration.id == id,
        models.Migration.status.in_(states.ENDED),
    )
    return context.session.execute(query).rowcount


def request_cancel(context, id, now):
    """Write the wish that a migration be cancelled.

    :returns: whether it was written; not when it is being cancelled.
    :raises InvalidTransition: it has ended.
    :raises NoWayBack: it is at its last step, or its result was accepted.
    """
    return _request(
        context,
        id,
        'cancel',
        {'cancel_requested_at': now},
        CANCELLABLE,
        sa.or_(
            models.Migration.step.is_(None),
            sa.and_(
                models.Migration.step.not_in(pipelines.FINAL),
                undecided(now),
            ),
        ),
    )


def undecided(now):
    """Return the condition that a result was not accepted before ``now``."""
    migration = models.Migration
    return sa.or_(
        migration.step != pipelines.ACCEPTANCE,
        migration.accept_at.is_(None),
        migration.accept_at > now,
    )


def request_retry(context, id, now):
    """Write the wish that a migration in error go on.

    :raises InvalidTransition: it is not in error, or a cancellation was
        asked for.
    """
    return _request(
        context,
        id,
        'retry',
        {'retry_requested_at': now},
        (states.ERROR,),
        models.Migration.cancel_requested_at.is_(None),
    )


def request_cutover(context, id, values):
    """Write when the source of a warm migration shall be stopped.

    :param values: ``cutover_at``, ``cutover_not_after``, ``max_downtime``.
    :raises InvalidTransition: it does not copy rounds, or is cancelled.
    """
    return _request_in_rounds(context, id, 'cut over', values)


def request_sync(context, id, now):
    """Write the wish that a warm migration make a round now.

    :raises InvalidTransition: it does not copy rounds, or is cancelled.
    """
    return _request_in_rounds(context, id, 'sync', {'sync_requested_at': now})


def _request_in_rounds(context, id, event, values):
    return _request(
        context,
        id,
        event,
        values,
        (states.RUNNING, states.WAITING),
        sa.and_(
            models.Migration.kind == 'warm',
            models.Migration.step.in_(pipelines.BEFORE_CUTOVER),
            models.Migration.cancel_requested_at.is_(None),
        ),
    )


def _request(context, id, event, values, statuses, condition):
    if intend(context, id, values, statuses, condition):
        return True
    row = get(context, id)
    if event == 'cancel' and row.status == states.CANCELLING:
        return False
    last = (*pipelines.FINAL, pipelines.ACCEPTANCE)
    if event == 'cancel' and row.status in statuses and row.step in last:
        raise exceptions.NoWayBack(step=row.step)
    raise exceptions.InvalidTransition(status=row.status, event=event)


@api.writer
def intend(context, id, values, statuses, condition):
    """Write a wish if the migration allows it; return whether it does."""
    query = (
        sa.update(models.Migration)
        .where(
            models.Migration.id == id,
            models.Migration.status.in_(statuses),
            condition,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return context.session.execute(query).rowcount


@api.writer
def transition(
    context, id, values, event, *, rehearsal=None, planned=None, **expected
):
    """Write a transition and its event, if the row is as ``expected``.

    :param values: columns of the migration.
    :param event: columns of ``models.Event``, or None.
    :param rehearsal: columns of the rehearsal that is open, if there is one.
    :param planned: the error that its plan notes, if it is of a plan.
    :param expected: columns that nobody may have changed: worker and
        attempt, for a free row worker, attempt and status.
    :raises LeaseLost: somebody has.
    """
    leases.write(context, models.Migration, id, values, **expected)
    if event:
        events.append(context, id, event)
    if rehearsal:
        rehearsals.follow(context, id, rehearsal)
    if planned:
        plans.note(context, id, planned)


def claim(context, migration, worker, expires, event=None):
    """Lease a candidate to ``worker`` and return its row.

    ``step_attempts`` counts the claims of this step; who changes the step
    sets it to 0.

    :param event: columns of ``models.Event``, or None.
    :raises LeaseLost: somebody else was faster.
    """
    lease = {
        'worker': worker,
        'attempt': migration.attempt + 1,
        'step_attempts': migration.step_attempts + 1,
        'lease_expires_at': expires,
        'started_at': migration.started_at or models.now(),
    }
    transition(
        context,
        migration.id,
        states.begin(migration) | lease,
        event,
        worker=None,
        attempt=migration.attempt,
        status=migration.status,
    )
    return get(context, migration.id)
