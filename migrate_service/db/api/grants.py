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
"""Queries on grants."""

import sqlalchemy as sa

from migrate_service import exceptions
from migrate_service import grant_errors
from migrate_service import states
from migrate_service.db import api
from migrate_service.db import granted
from migrate_service.db import models
from migrate_service.db.api import paging

Grant = granted.Grant


@api.writer
def create(context, values):
    """Insert a grant and return its row."""
    row = Grant(**values)
    context.session.add(row)
    context.session.flush()
    return row


@api.reader
def get(context, source_id, id):
    """Return a grant of a source.

    :raises NotFound: there is none.
    """
    row = context.session.get(Grant, id)
    if row is None or row.source_id != source_id:
        raise exceptions.NotFound(kind='grant', id=id)
    return row


@api.reader
def page(context, source_id, filters, page):
    """Return a page of the grants of a source."""
    query = sa.select(Grant).filter_by(source_id=source_id, **filters)
    return paging.fetch(context, query, Grant, page)


@api.reader
def scope(context, source_id, project_id):
    """Return what a project sees of a source, None without a grant."""
    query = sa.select(Grant).filter_by(
        source_id=source_id, project_id=project_id
    )
    rows = context.session.scalars(query).all()
    return granted.scope_of(rows) if rows else None


@api.reader
def movable(context, source_id, project_id):
    """Return what of a source a project may move, None for all of it."""
    source = context.session.get(models.Source, source_id)
    if source is not None and source.project_id == project_id:
        return None
    return scope(context, source_id, project_id) or granted.Scope()


@api.reader
def machine_count(context, row):
    """Return how many machines a grant shows."""
    shown = granted.seen(granted.scope_of([row]))
    return context.session.scalar(
        sa.select(sa.func.count())
        .select_from(models.Machine)
        .where(models.Machine.source_id == row.source_id, shown)
    )


@api.writer
def delete(context, row, force):
    """Delete a grant.

    :param force: also while its project moves machines of the source.
    :raises GrantInUse: it does.
    """
    running = sa.select(models.Migration.id).where(
        models.Migration.source_id == row.source_id,
        models.Migration.project_id == row.project_id,
        models.Migration.status.not_in(states.ENDED),
    )
    query = sa.delete(Grant).where(Grant.id == row.id)
    if not force:
        query = query.where(~running.exists())
    deleted = context.session.execute(
        query.execution_options(synchronize_session=False)
    ).rowcount
    if not deleted and not force:
        ids = context.session.scalars(running).all()
        if ids:
            raise grant_errors.GrantInUse(
                project=row.project_id, count=len(ids)
            )
