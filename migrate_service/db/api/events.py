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

"""Events of migrations: the timeline, only ever appended to."""

import sqlalchemy as sa

from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db.api import paging


def append(context, migration_id, event):
    """Add an event within the transaction of what it tells of.

    :param event: dict of columns of ``models.Event``: ``event`` and
        ``status`` at least.
    """
    context.session.add(models.Event(migration_id=migration_id, **event))


@api.reader
def page(context, migration_id, page):
    """Return a page of the events of a migration."""
    query = sa.select(models.Event).filter_by(migration_id=migration_id)
    return paging.fetch(context, query, models.Event, page)
