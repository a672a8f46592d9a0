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
"""Queries on assessments."""

import sqlalchemy as sa

from migrate_service import exceptions
from migrate_service.db import api
from migrate_service.db import assessed
from migrate_service.db import granted
from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import paging

Assessment = assessed.Assessment
AssessedMachine = assessed.AssessedMachine
#: Nobody works on one in these.
ENDED = ('completed', 'error')


@api.writer
def create(context, values):
    """Insert an assessment; no worker takes it before its trust is noted."""
    context.session.add(Assessment(**values))


@api.writer
def trusted(context, id, trust_id):
    """Note the trust, with which a worker may claim it.

    :raises NotFound: it was deleted meanwhile.
    """
    changed = context.session.execute(
        sa.update(Assessment)
        .filter_by(id=id, trust_id=None, status='accepted')
        .values(trust_id=trust_id)
        .execution_options(synchronize_session=False)
    ).rowcount
    if not changed:
        raise exceptions.NotFound(kind='assessment', id=id)


@api.reader
def get(context, id):
    """Return the assessment.

    :raises NotFound: there is none.
    """
    row = context.session.get(Assessment, id)
    if row is None:
        raise exceptions.NotFound(kind='assessment', id=id)
    return row


@api.reader
def page(context, filters, page):
    """Return a page of assessments."""
    query = sa.select(Assessment).filter_by(**filters)
    return paging.fetch(context, query, Assessment, page)


@api.reader
def machine_page(context, id, filters, page):
    """Return a page of what was found about machines."""
    query = sa.select(AssessedMachine).filter_by(assessment_id=id, **filters)
    return paging.fetch(context, query, AssessedMachine, page)


@api.writer
def delete(context, id):
    """Delete an assessment that no worker holds; return whether it was.

    One that is deleted already is fine.

    :raises AssessmentRunning: a worker works on it.
    """
    deleted = context.session.execute(
        sa.delete(Assessment)
        .filter_by(id=id, worker=None)
        .execution_options(synchronize_session=False)
    ).rowcount
    if not deleted and context.session.get(Assessment, id):
        raise exceptions.AssessmentRunning(id=id)


@api.writer
def forget(context, before):
    """Delete those that ended before a time; return how many."""
    return context.session.execute(
        sa.delete(Assessment)
        .where(
            Assessment.status.in_(ENDED),
            Assessment.worker.is_(None),
            Assessment.ended_at < before,
        )
        .execution_options(synchronize_session=False)
    ).rowcount


@api.writer
def end_untrusted(context, before, values):
    """End those accepted before a time that never got a trust."""
    return context.session.execute(
        sa.update(Assessment)
        .where(
            Assessment.status == 'accepted',
            Assessment.trust_id.is_(None),
            Assessment.created_at < before,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    ).rowcount


@api.reader
def candidates(context, now, limit=10):
    """Return free ones, the longest waiting first."""
    query = (
        sa.select(Assessment)
        .where(
            Assessment.status.not_in(ENDED),
            Assessment.trust_id.is_not(None),
            *leases.free(Assessment, now),
        )
        .order_by(Assessment.created_at)
        .limit(limit)
    )
    return context.session.scalars(query).all()


def claim(context, row, worker, expires):
    """Lease a candidate to ``worker`` and return its row.

    :raises LeaseLost: somebody else was faster.
    """
    leases.update(
        context,
        Assessment,
        row.id,
        {
            'status': 'running',
            'worker': worker,
            'attempt': row.attempt + 1,
            'step_attempts': row.step_attempts + 1,
            'lease_expires_at': expires,
            'not_before': None,
        },
        worker=None,
        attempt=row.attempt,
    )
    return get(context, row.id)


@api.reader
def machines(context, source_id, ids):
    """Return the inventory's dicts of these machines, in this order.

    Those that the source no longer has are left out.
    """
    query = sa.select(models.Machine.id, models.Machine.data).where(
        models.Machine.source_id == source_id, models.Machine.id.in_(ids)
    )
    found = dict(context.session.execute(query).tuples().all())
    return [found[id] for id in ids if id in found]


@api.writer
def store(context, id, worker, attempt, results):
    """Write what was found about machines, in place of what is there.

    :param results: dicts with ``machine_id``, ``name``, ``position`` and
        ``severity`` among them.
    :raises LeaseLost: the assessment is leased to somebody else.
    """
    leases.hold(context, Assessment, id, worker, attempt)
    ids = [result['machine_id'] for result in results]
    context.session.execute(
        sa.delete(AssessedMachine)
        .where(
            AssessedMachine.assessment_id == id, AssessedMachine.id.in_(ids)
        )
        .execution_options(synchronize_session=False)
    )
    for result in results:
        context.session.add(
            AssessedMachine(
                assessment_id=id,
                id=result['machine_id'],
                position=result['position'],
                name=result['name'],
                severity=result['severity'],
                data=result,
            )
        )


@api.reader
def machine_ids(context, source_id, scope=None):
    """Return the ids of all machines of a source, by name.

    :param scope: what of the source may be seen, None for all of it.
    """
    query = (
        sa.select(models.Machine.id)
        .filter_by(source_id=source_id)
        .where(granted.seen(scope))
        .order_by(models.Machine.name, models.Machine.id)
    )
    return list(context.session.scalars(query))
