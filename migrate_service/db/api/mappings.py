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
"""Queries on mappings."""

import sqlalchemy as sa

from migrate_service import exceptions
from migrate_service.db import api
from migrate_service.db import mapped
from migrate_service.db.api import paging

Mapping = mapped.Mapping


@api.writer
def create(context, values):
    """Insert a mapping and return its row."""
    row = Mapping(**values)
    context.session.add(row)
    context.session.flush()
    return row


@api.reader
def get(context, id):
    """Return the mapping.

    :raises NotFound: there is none.
    """
    row = context.session.get(Mapping, id)
    if row is None:
        raise exceptions.NotFound(kind='mapping', id=id)
    return row


@api.reader
def page(context, filters, page):
    """Return a page of mappings; ``filters`` maps columns to values."""
    query = sa.select(Mapping).filter_by(**filters)
    return paging.fetch(context, query, Mapping, page)


@api.writer
def change(context, id, values):
    """Write what the user may change, and return the row.

    :raises NotFound: there is no such mapping.
    """
    changed = context.session.execute(
        sa.update(Mapping)
        .filter_by(id=id)
        .values(**values)
        .execution_options(synchronize_session=False)
    ).rowcount
    if not changed:
        raise exceptions.NotFound(kind='mapping', id=id)
    return context.session.get(Mapping, id)


@api.writer
def delete(context, id):
    """Delete a mapping; migrations keep what it yielded."""
    context.session.execute(
        sa.delete(Mapping)
        .filter_by(id=id)
        .execution_options(synchronize_session=False)
    )
