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

"""Queries on the logs of the tools that worked for a migration."""

import sqlalchemy as sa

from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import paging

#: Characters that are kept of the logs of a migration: the oldest ones.
LIMIT = 4 * 1024 * 1024
TRUNCATED = '\n[The logs of this migration are full: nothing more is kept.]\n'


@api.writer
def append(context, migration_id, worker, attempt, *, step, tool, text):
    """Add a piece to the log of a tool, as long as there is room.

    :raises LeaseLost: the migration is leased to somebody else.
    """
    leases.hold(context, models.Migration, migration_id, worker, attempt)
    length = sa.func.sum(sa.func.char_length(models.Log.text))
    used = context.session.scalar(
        sa.select(length).filter_by(migration_id=migration_id)
    )
    # MySQL sums to a Decimal, and no rows to NULL.
    room = LIMIT - int(used or 0)
    if room <= 0:
        return
    # PostgreSQL cannot store NUL in a text.
    text = text.replace('\0', '\ufffd')
    if len(text) > room:
        text = text[:room] + TRUNCATED
    context.session.add(
        models.Log(
            migration_id=migration_id,
            step=step,
            tool=tool,
            attempt=attempt,
            text=text,
        )
    )


@api.reader
def page(context, migration_id, filters, page):
    """Return a page of pieces; ``filters``: ``step``, ``tool``."""
    query = sa.select(models.Log).filter_by(
        migration_id=migration_id, **filters
    )
    return paging.fetch(context, query, models.Log, page)
