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

"""Pages of lists, and the link to the next one."""

import flask

from migrate_service.api import links
from migrate_service.api import services
from migrate_service.db.api import paging

PARAMETERS = ('limit', 'marker', 'sort_key', 'sort_dir')


def page(query, sort_key):
    """Return the :class:`paging.Page` that a query asks for.

    :param sort_key: the column that a list is sorted by unless it says so.
    """
    most = services.current().conf.api.max_limit
    return paging.Page(
        limit=min(query.get('limit', most), most),
        marker=query.get('marker'),
        sort_key=query.get('sort_key', sort_key),
        descending=query.get('sort_dir') == 'desc',
    )


def numbered(query):
    """Return the page of a list whose items are numbered as they came."""
    marker = query.get('marker')
    return page(query | {'marker': marker and int(marker)}, 'id')


def filters(query):
    """Return what remains of a query beside paging and ``all_projects``."""
    return {
        name: value
        for name, value in query.items()
        if name not in (*PARAMETERS, 'all_projects')
    }


def body(name, rows, view, page, identity='id'):
    """Return the body of a list, with a link if its page is full.

    :param name: key of the list; the links are at ``<name>_links``.
    :param view: a function of a row.
    """
    answer = {name: [view(row) for row in rows]}
    if rows and len(rows) == page.limit:
        marker = getattr(rows[-1], identity)
        query = flask.request.args.to_dict() | {'marker': marker}
        answer[f'{name}_links'] = [{'rel': 'next', 'href': links.here(query)}]
    return answer
