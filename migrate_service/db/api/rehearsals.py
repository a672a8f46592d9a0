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

"""Queries on rehearsals: test boots, and the evidence of them."""

import sqlalchemy as sa

from migrate_service import exceptions
from migrate_service import pipelines
from migrate_service import rehearsal_errors
from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db.api import excursions
from migrate_service.db.api import leases
from migrate_service.db.api import paging

REQUESTED = 'requested'
RUNNING = 'running'
ENDED = 'ended'
CANCELLED = 'cancelled'
STATUSES = (REQUESTED, RUNNING, ENDED, CANCELLED)
#: A migration has at most one in one of these.
OPEN = (REQUESTED, RUNNING)
PASSED = 'passed'
FAILED = 'failed'
VERDICTS = (PASSED, FAILED)


def request(context, values, now):
    """Insert a rehearsal and write the wish for it; return the row.

    :param values: columns of ``models.Rehearsal``.
    :raises RehearsalUnderway: another one is asked for or carried out.
    :raises RehearsalTooLate: the cutover is due.
    :raises InvalidTransition: the migration does not copy rounds.
    """
    row = _insert(context, values, now)
    if row is None:
        _refuse(_migration(context, values['migration_id']), now)
    return row


@api.writer
def _insert(context, values, now):
    migration = models.Migration
    wish = (
        sa.update(migration)
        .where(
            *excursions.possible(values['migration_id'], now),
            migration.rehearse_requested_at.is_(None),
        )
        .values(rehearse_requested_at=now)
        .execution_options(synchronize_session=False)
    )
    if not context.session.execute(wish).rowcount:
        return None
    row = models.Rehearsal(status=REQUESTED, **values)
    context.session.add(row)
    context.session.flush()
    _summarise(context, row)
    return row


@api.reader
def _migration(context, id):
    return context.session.get(models.Migration, id)


def _refuse(migration, now):
    id = migration.id
    if migration.rehearse_requested_at or (
        migration.step in pipelines.REHEARSE
    ):
        raise rehearsal_errors.RehearsalUnderway(id=id)
    if migration.cutover_at and migration.cutover_at <= now:
        raise rehearsal_errors.RehearsalTooLate(id=id)
    raise exceptions.InvalidTransition(
        status=migration.status, event='rehearse'
    )


@api.reader
def get(context, migration_id, id):
    """Return a rehearsal of the migration.

    :raises NotFound: it has none with that id.
    """
    query = sa.select(models.Rehearsal).filter_by(
        migration_id=migration_id, id=id
    )
    row = context.session.scalars(query).first()
    if row is None:
        raise exceptions.NotFound(kind='rehearsal', id=id)
    return row


@api.reader
def page(context, migration_id, page):
    """Return a page of the rehearsals of a migration."""
    query = sa.select(models.Rehearsal).filter_by(migration_id=migration_id)
    return paging.fetch(context, query, models.Rehearsal, page)


@api.reader
def green(context, migration_id):
    """Return whether a rehearsal of the migration passed."""
    query = sa.select(models.Rehearsal.id).filter_by(
        migration_id=migration_id, status=ENDED, verdict=PASSED
    )
    return context.session.scalars(query).first() is not None


@api.reader
def current(context, migration_id):
    """Return the rehearsal that is carried out, or None."""
    return _open(context, migration_id)


@api.writer
def keep(context, migration_id, worker, attempt, evidence):
    """Store what the holder of the lease found out.

    :param evidence: ``console``, ``result``, ``timings``.
    :raises LeaseLost: the migration is leased to somebody else.
    """
    leases.hold(context, models.Migration, migration_id, worker, attempt)
    follow(context, migration_id, evidence)


def follow(context, migration_id, values):
    """Write what became of the open rehearsal, within a transaction.

    The first failure stays the one that is told.
    """
    row = _open(context, migration_id)
    if row is None:
        return
    if row.verdict == FAILED:
        values = {
            name: value
            for name, value in values.items()
            if name not in ('verdict', 'error')
        }
    for name, value in values.items():
        setattr(row, name, value)
    if row.status == RUNNING and not row.started_at:
        row.started_at = models.now()
    if row.status not in OPEN:
        row.ended_at = models.now()
    context.session.flush()
    _summarise(context, row)


def _open(context, migration_id):
    query = sa.select(models.Rehearsal).where(
        models.Rehearsal.migration_id == migration_id,
        models.Rehearsal.status.in_(OPEN),
    )
    return context.session.scalars(query).first()


def _summarise(context, row):
    summary = {'id': row.id, 'status': row.status, 'verdict': row.verdict}
    context.session.execute(
        sa.update(models.Migration)
        .filter_by(id=row.migration_id)
        .values(rehearsal=summary)
        .execution_options(synchronize_session=False)
    )
