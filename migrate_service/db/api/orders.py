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

"""What is to be acted upon: by the conductor, by the holders of leases."""

import sqlalchemy as sa

from migrate_service import pipelines
from migrate_service import states
from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db.api import cutovers
from migrate_service.db.api import migrations


@api.reader
def cancelled(context, ids=None):
    """Return the ids of held migrations that a user wants to end.

    They are to be cancelled or rolled back: their step stops for either.

    :param ids: look only at these; None looks at all.
    """
    migration = models.Migration
    query = sa.select(migration.id).where(
        migration.worker.is_not(None),
        sa.or_(
            sa.and_(
                migration.status.in_((states.RUNNING, states.ROLLING_BACK)),
                migration.cancel_requested_at.is_not(None),
            ),
            sa.and_(
                migration.status == states.RUNNING,
                migration.rollback_requested_at.is_not(None),
            ),
        ),
    )
    if ids is not None:
        query = query.where(migration.id.in_(ids))
    return list(context.session.scalars(query))


@api.reader
def untrusted(context, before):
    """Return migrations accepted ``before`` that never got a trust."""
    query = sa.select(models.Migration).where(
        models.Migration.status == states.ACCEPTED,
        models.Migration.trust_id.is_(None),
        models.Migration.cancel_requested_at.is_(None),
        models.Migration.created_at < before,
    )
    return context.session.scalars(query).all()


@api.reader
def unrenewed(context, model, worker, before):
    """Return leases of ``worker`` that end before ``before``."""
    query = sa.select(model).where(
        model.worker == worker, model.lease_expires_at < before
    )
    return context.session.scalars(query).all()


@api.reader
def intended(context, now, limit=100):
    """Return free rows with an intent to be acted upon at ``now``."""
    migration = models.Migration
    query = (
        sa.select(migration)
        .where(
            migration.status.in_(migrations.CANCELLABLE),
            migration.worker.is_(None),
            sa.or_(*_intents(now)),
        )
        .order_by(migration.created_at)
        .limit(limit)
    )
    return context.session.scalars(query).all()


def _intents(now):
    migration = models.Migration
    waits = migration.status == states.WAITING
    return (
        sa.and_(
            migration.cancel_requested_at.is_not(None),
            migration.status.in_(migrations.CANCELLABLE),
        ),
        sa.and_(
            migration.rollback_requested_at.is_not(None),
            migration.status.in_(
                (states.RUNNING, states.WAITING, states.ERROR)
            ),
        ),
        sa.and_(
            migration.retry_requested_at.is_not(None),
            migration.status == states.ERROR,
        ),
        sa.and_(waits, migration.not_before <= now),
        sa.and_(
            waits,
            migration.step == pipelines.ACCEPTANCE,
            migration.accept_at <= now,
        ),
        sa.and_(
            waits,
            migration.step != pipelines.ACCEPTANCE,
            sa.or_(
                migration.rehearse_requested_at.is_not(None),
                migration.prepare_requested_at.is_not(None),
                migration.sync_requested_at.is_not(None),
                sa.and_(
                    migration.cutover_at <= now,
                    sa.not_(cutovers.limited()),
                ),
            ),
        ),
    )
