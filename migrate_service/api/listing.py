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

"""Lists of what belongs to projects."""

import flask

from migrate_service.api import access
from migrate_service.api import paging


def body(name, query, policies, fetch, view):
    """Return the body of a list of the project's own, or of all projects'.

    :param name: key of the list.
    :param query: the valid query of the request.
    :param policies: the module with the rules ``LIST`` and ``LIST_ALL``.
    :param fetch: returns rows for a context, filters and a page.
    :param view: a function of a row.
    """
    filters = paging.filters(query) | access.scope(
        policies.LIST, query.get('all_projects'), policies.LIST_ALL
    )
    page = paging.page(query, 'created_at')
    rows = fetch(flask.g.context, filters, page)
    return paging.body(name, rows, view, page)
