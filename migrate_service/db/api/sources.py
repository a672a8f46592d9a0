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

"""Queries on sources."""

import sqlalchemy as sa

from migrate_service import exceptions
from migrate_service.db import api
from migrate_service.db import granted
from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import paging

#: What makes the present reader of a source lose its lease: it may be
#: connected to what the source was before.
TAKEN_BACK = leases.FREE | {'attempt': models.Source.attempt + 1}


@api.writer
def create(context, values):
    """Insert a source and return its row."""
    source = models.Source(**values)
    context.session.add(source)
    context.session.flush()
    return source


@api.reader
def get(context, id):
    """Return the source.

    :raises NotFound: there is none.
    """
    source = context.session.get(models.Source, id)
    if source is None:
        raise exceptions.NotFound(kind='source', id=id)
    return source


@api.reader
def page(context, filters, page):
    """Return a page of sources; ``filters`` maps columns to values.

    Those of a project are also those that it was granted a part of.
    """
    filters = dict(filters)
    project_id = filters.pop('project_id', None)
    query = sa.select(models.Source).filter_by(**filters)
    if project_id is not None:
        shared = sa.select(granted.Grant.source_id).filter_by(
            project_id=project_id
        )
        query = query.where(
            sa.or_(
                models.Source.project_id == project_id,
                models.Source.id.in_(shared),
            )
        )
    return paging.fetch(context, query, models.Source, page)


@api.writer
def change(context, id, values):
    """Write what the user may change, and return the row.

    :raises NotFound: there is no such source.
    """
    changed = context.session.execute(
        sa.update(models.Source)
        .filter_by(id=id)
        .values(**values)
        .execution_options(synchronize_session=False)
    ).rowcount
    if not changed:
        raise exceptions.NotFound(kind='source', id=id)
    return context.session.get(models.Source, id)


@api.writer
def delete(context, id):
    """Delete a source with its inventory.

    :raises SourceInUse: migrations refer to it.
    """
    used = sa.select(models.Migration.id).filter_by(source_id=id).exists()
    deleted = context.session.execute(
        sa.delete(models.Source).where(models.Source.id == id, ~used)
    ).rowcount
    if not deleted:
        count = context.session.scalar(
            sa.select(sa.func.count())
            .select_from(models.Migration)
            .filter_by(source_id=id)
        )
        if count:
            raise exceptions.SourceInUse(id=id, count=count)


@api.reader
def candidates(context, now, limit=10):
    """Return free sources that are to be read, the longest waiting first.

    Only those whose verification or refresh was asked for: see
    :func:`request_refreshes`.
    """
    query = (
        sa.select(models.Source)
        .where(
            models.Source.refresh_requested_at.is_not(None),
            *leases.free(models.Source, now),
        )
        .order_by(models.Source.refresh_requested_at)
        .limit(limit)
    )
    return context.session.scalars(query).all()


@api.writer
def request_refreshes(context, before, now):
    """Ask for a refresh of ready sources last read before ``before``.

    :returns: how many.
    """
    query = (
        sa.update(models.Source)
        .where(
            models.Source.status == 'ready',
            models.Source.refresh_requested_at.is_(None),
            models.Source.inventory_at < before,
        )
        .values(refresh_requested_at=now)
        .execution_options(synchronize_session=False)
    )
    return context.session.execute(query).rowcount


def claim(context, source, worker, expires):
    """Lease a candidate to ``worker`` and return its row.

    :raises LeaseLost: somebody else was faster.
    """
    leases.update(
        context,
        models.Source,
        source.id,
        {
            'worker': worker,
            'attempt': source.attempt + 1,
            'step_attempts': source.step_attempts + 1,
            'lease_expires_at': expires,
        },
        worker=None,
        attempt=source.attempt,
    )
    return get(context, source.id)
