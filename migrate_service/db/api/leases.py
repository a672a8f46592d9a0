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

"""Leases on migrations, sources and the rest: guarded writes, expiry.

``model`` is one of :data:`MODELS`. A write counts only
while the row is still what its writer saw: worker and attempt, the fencing
token.
"""

import sqlalchemy as sa

from migrate_service import exceptions
from migrate_service.db import api
from migrate_service.db import assessed
from migrate_service.db import models

#: Models that workers lease, by the kind that a lease names.
MODELS = {
    'assessment': assessed.Assessment,
    'migration': models.Migration,
    'source': models.Source,
}
#: What frees a row.
FREE = {'worker': None, 'lease_expires_at': None}


def write(context, model, id, values, **expected):
    """Write within a writer transaction if the row is as ``expected``.

    Meant to be the first statement of the transaction.

    :raises LeaseLost: it is not, or there is no such row.
    """
    query = (
        sa.update(model)
        .filter_by(id=id, **expected)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if context.session.execute(query).rowcount != 1:
        raise exceptions.LeaseLost(id=id, attempt=expected.get('attempt'))


def hold(context, model, id, worker, attempt):
    """Lock the row for the holder of its lease, first in a transaction.

    :raises LeaseLost: the lease is with somebody else.
    """
    write(
        context,
        model,
        id,
        {'attempt': attempt},
        worker=worker,
        attempt=attempt,
    )


@api.writer
def update(context, model, id, values, **expected):
    """Write ``values`` if the row is still as ``expected``.

    :raises LeaseLost: it is not.
    """
    write(context, model, id, values, **expected)


@api.reader
def expired(context, model, now):
    """Return the rows whose lease ran out before ``now``, not locked."""
    query = sa.select(model).where(
        model.worker.is_not(None), model.lease_expires_at < now
    )
    return context.session.scalars(query).all()


@api.reader
def of_worker(context, model, worker):
    """Return the rows that ``worker`` holds."""
    query = sa.select(model).where(model.worker == worker)
    return context.session.scalars(query).all()


def free(model, now):
    """Return the conditions of a row that may be claimed at ``now``."""
    return (
        model.worker.is_(None),
        sa.or_(model.not_before.is_(None), model.not_before <= now),
    )
