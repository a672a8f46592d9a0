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

"""Pages of lists: sorted by a column, from a marker on, with a limit."""

import dataclasses

import sqlalchemy as sa

from migrate_service import exceptions


@dataclasses.dataclass(frozen=True, kw_only=True)
class Page:
    """Which part of a list is asked for; ``marker`` is the last id seen."""

    limit: int = 1000
    marker: str | int | None = None
    sort_key: str = 'created_at'
    descending: bool = False


def fetch(context, query, model, page):
    """Return the rows of ``query`` that belong on ``page``.

    Rows of equal value are sorted by the last column of the primary key,
    which is what markers are. A page is found by the values
    of its marker, not by counting, so that new rows do not shift it.

    :raises BadRequest: the query does not find the marker.
    """
    key = getattr(model, page.sort_key)
    identity = getattr(model, sa.inspect(model).primary_key[-1].key)
    columns = [key] if key is identity else [key, identity]
    if page.marker is not None:
        marker = context.session.scalars(
            query.where(identity == page.marker)
        ).first()
        if marker is None:
            raise exceptions.BadRequest(
                reason=f'marker: the list has no item {page.marker}.'
            )
        query = query.where(_beyond(columns, marker, page.descending))
    order = [
        column.desc() if page.descending else column.asc()
        for column in columns
    ]
    return context.session.scalars(
        query.order_by(*order).limit(page.limit)
    ).all()


def _beyond(columns, marker, descending):
    """Return the condition of rows behind the row ``marker``."""
    conditions = []
    for position, column in enumerate(columns):
        value = getattr(marker, column.key)
        further = column < value if descending else column > value
        equal = [
            before == getattr(marker, before.key)
            for before in columns[:position]
        ]
        conditions.append(sa.and_(*equal, further))
    return sa.or_(*conditions)
