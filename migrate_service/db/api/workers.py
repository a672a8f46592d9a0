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

"""Queries on workers."""

import sqlalchemy as sa
from oslo_db import exception

from migrate_service import exceptions
from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db.api import paging


def seen(context, name, values):
    """Insert or update what a worker says of itself.

    :param values: columns; ``incarnation`` and ``version`` among them.
    :returns: the row and the incarnation before: None for a new worker.
    """
    before = _incarnation(context, name)
    try:
        row = _write(context, name, values, before is None)
    except exception.DBDuplicateEntry:
        row = _write(context, name, values, False)
    return row, before


@api.reader
def _incarnation(context, name):
    query = sa.select(models.Worker.incarnation).filter_by(name=name)
    return context.session.scalar(query)


@api.writer
def _write(context, name, values, new):
    if new:
        row = models.Worker(name=name, **values)
        context.session.add(row)
        context.session.flush()
        return row
    context.session.execute(
        sa.update(models.Worker).filter_by(name=name).values(**values)
    )
    return context.session.get(models.Worker, name)


@api.reader
def get(context, name):
    """Return the worker.

    :raises NotFound: there is none.
    """
    worker = context.session.get(models.Worker, name)
    if worker is None:
        raise exceptions.NotFound(kind='worker', id=name)
    return worker


@api.reader
def page(context, filters, page):
    """Return a page of workers; ``filters`` maps columns to values."""
    query = sa.select(models.Worker).filter_by(**filters)
    return paging.fetch(context, query, models.Worker, page)


@api.writer
def change(context, name, values):
    """Write what the operator may change, and return the row.

    :raises NotFound: there is no such worker.
    """
    changed = context.session.execute(
        sa.update(models.Worker).filter_by(name=name).values(**values)
    ).rowcount
    if not changed:
        raise exceptions.NotFound(kind='worker', id=name)
    return context.session.get(models.Worker, name)


@api.reader
def reachable(context, since):
    """Return the names of workers that may claim and were heard ``since``."""
    query = sa.select(models.Worker.name).where(
        models.Worker.state == 'enabled', models.Worker.last_seen_at >= since
    )
    return list(context.session.scalars(query))


@api.reader
def slots(context, since):
    """Return the slots of each worker that :func:`reachable` names."""
    query = sa.select(models.Worker.slots).where(
        models.Worker.state == 'enabled', models.Worker.last_seen_at >= since
    )
    return list(context.session.scalars(query))
