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

"""How many there are of what, for metrics."""

import sqlalchemy as sa

from migrate_service.db import api
from migrate_service.db import models


@api.reader
def migrations(context):
    """Return ``{(status, step, kind): count}`` of what has not ended."""
    migration = models.Migration
    what = (migration.status, migration.step, migration.kind)
    query = (
        sa.select(*what, sa.func.count())
        .where(migration.in_use.is_not(None))
        .group_by(*what)
    )
    return {tuple(row[:3]): row[3] for row in context.session.execute(query)}


@api.reader
def workers(context):
    """Return ``state``, ``slots``, ``used`` and ``last_seen_at`` of each."""
    worker = models.Worker
    query = sa.select(
        worker.state, worker.slots, worker.used, worker.last_seen_at
    )
    return context.session.execute(query).all()
