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

"""Which free migrations workers may claim, and in which order."""

import sqlalchemy as sa

from migrate_service import states
from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db.api import leases


@api.reader
def held(context):
    """Return ``[(project id, source id, count)]`` of what workers hold."""
    migration = models.Migration
    query = (
        sa.select(migration.project_id, migration.source_id, sa.func.count())
        .where(migration.worker.is_not(None))
        .group_by(migration.project_id, migration.source_id)
    )
    return [tuple(row) for row in context.session.execute(query)]


@api.reader
def candidates(
    context,
    now,
    *,
    busy_sources=(),
    busy_projects=(),
    others=(),
    shares=None,
    limit=10,
):
    """Return migrations that may be claimed, the next ones first.

    The turn is that of the project of which workers hold least, and of its
    migrations that of the oldest: whoever asks for much, or asks first, gets
    no more than the others while these want something too.

    :param busy_sources: ids of sources that have enough work; rollbacks of
        their migrations are still found.
    :param busy_projects: ids of projects that have enough work; likewise.
    :param others: names of other workers that may claim what they had last.
    :param shares: ``{project id: how many of its migrations are held}``.
    """
    migration = models.Migration
    busy = {
        migration.source_id: busy_sources,
        migration.project_id: busy_projects,
    }
    conditions = _claimable(now, busy, others)
    place = sa.func.row_number().over(
        partition_by=migration.project_id, order_by=migration.created_at
    )
    turns = (
        sa.select(
            migration.id,
            migration.created_at,
            (place + _held(migration, shares or {})).label('turn'),
        )
        .where(*conditions)
        .subquery()
    )
    # Ids alone are sorted: rows are large.
    ids = context.session.scalars(
        sa.select(turns.c.id)
        .order_by(turns.c.turn, turns.c.created_at)
        .limit(limit)
    ).all()
    rows = context.session.scalars(
        sa.select(migration).where(migration.id.in_(ids))
    )
    return sorted(rows, key=lambda row: ids.index(row.id))


def _held(migration, shares):
    """Return how many of its project's migrations are held, in SQL."""
    if not shares:
        return sa.literal(0)
    return sa.case(shares, value=migration.project_id, else_=0)


def _claimable(now, busy, others):
    """Return the conditions of a claim.

    :param busy: ``{column: values}`` of what has enough work.
    """
    migration = models.Migration
    conditions = [
        migration.status.in_(states.WORKABLE),
        migration.trust_id.is_not(None),
        *leases.free(migration, now),
    ]
    if others:
        conditions.append(
            sa.or_(
                migration.home.is_(None),
                migration.home.not_in(others),
                migration.home_until.is_(None),
                migration.home_until <= now,
            )
        )
    back = migration.status.in_((states.CANCELLING, states.ROLLING_BACK))
    return conditions + [
        sa.or_(column.not_in(values), back)
        for column, values in busy.items()
        if values
    ]
