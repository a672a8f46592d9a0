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


"""Queries on cutovers: when they may begin, and what earlier ones took."""

import sqlalchemy as sa

from migrate_service import pipelines
from migrate_service import states
from migrate_service.db import api
from migrate_service.db import models

#: Columns of a cutover that is not asked for.
NONE = {
    'cutover_at': None,
    'cutover_not_after': None,
    'max_downtime': None,
}


def limited():
    """Return the condition of a cutover that does not simply begin."""
    migration = models.Migration
    return sa.or_(
        migration.cutover_not_after.is_not(None),
        migration.max_downtime.is_not(None),
    )


@api.reader
def in_window(context, now):
    """Return waiting migrations that may be cut over if they fit."""
    migration = models.Migration
    query = sa.select(migration).where(
        migration.worker.is_(None),
        migration.status == states.WAITING,
        migration.step == pipelines.WAIT,
        migration.cancel_requested_at.is_(None),
        migration.rehearse_requested_at.is_(None),
        migration.prepare_requested_at.is_(None),
        migration.cutover_at <= now,
        limited(),
    )
    return context.session.scalars(query).all()


@api.reader
def history(context, limit=50):
    """Return ``[(source id, result)]`` of the last warm migrations."""
    migration = models.Migration
    query = (
        sa.select(migration.source_id, migration.result)
        .where(migration.status == states.COMPLETED, migration.kind == 'warm')
        .order_by(migration.ended_at.desc())
        .limit(limit)
    )
    return [tuple(row) for row in context.session.execute(query)]
