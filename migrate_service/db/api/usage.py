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

"""What projects use of what can be limited."""

import datetime

import sqlalchemy as sa

from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db import planned
from migrate_service.db import used
from migrate_service.plans import states

#: Names of the resources, as Keystone knows them.
ACTIVE = 'migration_active'
PLANNED = 'migration_plan_machines'
IN_FLIGHT = 'migration_gib_in_flight'
PER_DAY = 'migration_gib_per_day'

DAY = datetime.timedelta(days=1)


def wanted(gib):
    """Return ``{name: how much}`` new migrations take, by their GiB."""
    total = sum(gib)
    return {ACTIVE: len(gib), IN_FLIGHT: total, PER_DAY: total}


@api.reader
def of_project(context, project_id):
    """Return ``{name: used}`` of every resource in a project."""
    since = models.now() - DAY
    admission, migration = used.Admission, models.Migration
    total = sa.func.coalesce(sa.func.sum(admission.gib), 0)
    active = sa.select(sa.func.count()).where(
        migration.project_id == project_id, migration.in_use.is_not(None)
    )
    in_flight = (
        sa.select(total)
        .join(migration, migration.id == admission.migration_id)
        .where(
            admission.project_id == project_id, migration.in_use.is_not(None)
        )
    )
    per_day = sa.select(total).where(
        admission.project_id == project_id, admission.created_at >= since
    )
    return {
        ACTIVE: context.session.scalar(active),
        PLANNED: context.session.scalar(_planned(project_id)),
        IN_FLIGHT: int(context.session.scalar(in_flight)),
        PER_DAY: int(context.session.scalar(per_day)),
    }


@api.writer
def admit(context, migration_id, project_id, gib):
    """Count a new migration with the GiB of its disks."""
    context.session.add(
        used.Admission(
            migration_id=migration_id, project_id=project_id, gib=gib
        )
    )


@api.writer
def withdraw(context, migration_id):
    """Count a migration no longer."""
    context.session.execute(
        sa.delete(used.Admission).filter_by(migration_id=migration_id)
    )


def _planned(project_id):
    plan, machine = planned.Plan, planned.PlanMachine
    return (
        sa.select(sa.func.count())
        .select_from(machine)
        .join(plan, plan.id == machine.plan_id)
        .where(plan.project_id == project_id, plan.status.not_in(states.ENDED))
    )


def forget(context, now):
    """Delete the admissions that count on nothing; return how many."""
    ids = _over(context, now)
    return _delete(context, ids) if ids else 0


@api.reader
def _over(context, now, limit=1000):
    admission, migration = used.Admission, models.Migration
    query = (
        sa.select(admission.migration_id)
        .outerjoin(migration, migration.id == admission.migration_id)
        .where(admission.created_at < now - DAY, migration.in_use.is_(None))
        .limit(limit)
    )
    return list(context.session.scalars(query))


@api.writer
def _delete(context, ids):
    query = sa.delete(used.Admission).where(
        used.Admission.migration_id.in_(ids)
    )
    return context.session.execute(query).rowcount
