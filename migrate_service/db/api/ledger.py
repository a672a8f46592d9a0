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

"""Queries on the ledger: what a migration makes or changes."""

import sqlalchemy as sa

from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db.api import leases

#: Nothing is left to be undone of an entry in one of these states.
SETTLED = ('removed', 'released')


@api.writer
def record(context, migration_id, worker, attempt, entry):
    """Write an entry, or what became of it.

    :param entry: ``{'kind', 'key', 'state'}`` and, where they are known or
        changed, ``resource_id`` and ``details``.
    :raises LeaseLost: the migration is leased to somebody else.
    """
    leases.hold(context, models.Migration, migration_id, worker, attempt)
    query = sa.select(models.LedgerEntry).filter_by(
        migration_id=migration_id, kind=entry['kind'], key=entry['key']
    )
    row = context.session.scalars(query).first()
    if row is None:
        row = models.LedgerEntry(
            migration_id=migration_id, kind=entry['kind'], key=entry['key']
        )
        context.session.add(row)
    row.state = entry['state']
    if 'resource_id' in entry:
        row.resource_id = entry['resource_id']
    row.details = (row.details or {}) | (entry.get('details') or {})


@api.reader
def entries(context, migration_id):
    """Return all entries of a migration, in the order of their making."""
    query = (
        sa.select(models.LedgerEntry)
        .filter_by(migration_id=migration_id)
        .order_by(models.LedgerEntry.id)
    )
    return context.session.scalars(query).all()


@api.reader
def unsettled(context, statuses):
    """Return ``(entry, migration)`` of what may still have to be undone.

    :param statuses: of the migrations.
    """
    query = (
        sa.select(models.LedgerEntry, models.Migration)
        .join(
            models.Migration,
            models.Migration.id == models.LedgerEntry.migration_id,
        )
        .where(
            models.Migration.status.in_(statuses),
            models.LedgerEntry.state.not_in(SETTLED),
        )
        .order_by(models.LedgerEntry.id)
    )
    return [tuple(row) for row in context.session.execute(query)]
