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

"""What the conductor that drives a plan writes: guarded by its token.

Each act is one transaction that starts with the guard: a conductor that
died, or was overtaken, has done an act whole or not at all.
"""

import sqlalchemy as sa
from oslo_db import exception

from migrate_service import exceptions
from migrate_service import pipelines
from migrate_service import states as migration_states
from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db import planned
from migrate_service.db.api import acceptance
from migrate_service.db.api import cutovers
from migrate_service.db.api import leases
from migrate_service.db.api import migrations
from migrate_service.db.api import plans
from migrate_service.db.api import usage
from migrate_service.plans import states

Plan = planned.Plan
PlanMachine = planned.PlanMachine


@api.reader
def due(context, now):
    """Return the plans that a conductor may drive at ``now``."""
    query = sa.select(Plan).where(
        Plan.status.in_(states.DRIVEN),
        sa.or_(Plan.lease_expires_at.is_(None), Plan.lease_expires_at < now),
    )
    return context.session.scalars(query).all()


@api.reader
def trusting(context):
    """Return plans that have ended, with a trust that nobody needs."""
    used = (
        sa.select(PlanMachine.id)
        .join(
            models.Migration, models.Migration.id == PlanMachine.migration_id
        )
        .where(
            PlanMachine.plan_id == Plan.id,
            models.Migration.status.not_in(migration_states.ENDED),
        )
        .exists()
    )
    query = sa.select(Plan).where(
        Plan.status.in_(states.ENDED), Plan.trust_id.is_not(None), ~used
    )
    return context.session.scalars(query).all()


@api.writer
def claim(context, plan, expires):
    """Take a plan to drive it; return the token.

    :raises LeaseLost: another conductor has it, or its status changed.
    """
    attempt = plan.attempt + 1
    leases.write(
        context,
        Plan,
        plan.id,
        {'attempt': attempt, 'lease_expires_at': expires},
        attempt=plan.attempt,
        status=plan.status,
    )
    return attempt


@api.writer
def release(context, plan, attempt):
    """Give a plan back that is still ours."""
    context.session.execute(
        sa.update(Plan)
        .filter_by(id=plan.id, attempt=attempt)
        .values(lease_expires_at=None)
        .execution_options(synchronize_session=False)
    )


def guard(context, plan, attempt, **values):
    """Begin a transaction of the conductor that drives the plan.

    :raises LeaseLost: it does not any more, or a user changed the status.
    """
    leases.write(
        context,
        Plan,
        plan.id,
        {'attempt': attempt} | values,
        attempt=attempt,
        status=plan.status,
    )


def start(context, plan, attempt, rows, message):
    """Create the migrations of machines that begin together, or none.

    :param rows: ``[(states.Machine, columns of its migration, its GiB)]``.
    :raises LeaseLost: the plan is not ours any more.
    :raises MachineInUse: another migration is moving one of the machines.
    :raises MachineTaken: that is one of another project.
    """
    try:
        _start(context, plan, attempt, rows, message)
    except exception.DBDuplicateEntry:
        wanted = [values for _machine, values, _gib in rows]
        held = (
            values
            for values in wanted
            if migrations.user_of(context, values['in_use'])
        )
        raise migrations.taken(context, next(held, wanted[0])) from None


@api.writer
def _start(context, plan, attempt, rows, message):
    guard(context, plan, attempt)
    for machine, values, gib in rows:
        migrations.insert(context, values)
        usage.admit(context, values['id'], values['project_id'], gib)
        _change(context, plan, machine, migration_id=values['id'], retry=False)
        _tell(context, plan, 'machine_started', message, machine, values['id'])


@api.writer
def give_up(context, plan, attempt, machine, error):
    """Note why a machine could not be started."""
    guard(context, plan, attempt)
    _change(context, plan, machine, error=error, retry=False)
    _tell(context, plan, 'machine_refused', error['message'], machine)


@api.writer
def hold(context, plan, attempt, machine, reason):
    """Tell why a machine has to wait, once until something else happens."""
    guard(context, plan, attempt)
    event = planned.PlanEvent
    last = context.session.scalar(
        sa.select(event.event)
        .filter_by(plan_id=plan.id, machine_id=machine.id)
        .order_by(event.id.desc())
        .limit(1)
    )
    if last != 'machine_held':
        message = f'{machine.name} waits: {reason}'
        _tell(context, plan, 'machine_held', message, machine)


@api.writer
def retry(context, plan, attempt, machine, now):
    """Let a failed machine try again; a user's wish does not count."""
    guard(context, plan, attempt)
    count = 0 if machine.retry else machine.retries + 1
    values = {'error': None, 'retry': False, 'retries': count}
    if machine.status == migration_states.ERROR:
        migrations.intend(
            context,
            machine.migration_id,
            {'retry_requested_at': now},
            (migration_states.ERROR,),
            models.Migration.cancel_requested_at.is_(None),
        )
    elif machine.live:
        # Its source was brought back: it waits for another cutover.
        leases.write(
            context, models.Migration, machine.migration_id, {'error': None}
        )
    else:
        values['migration_id'] = None
    _change(context, plan, machine, **values)
    message = f'{machine.name} failed and is tried again.'
    _tell(context, plan, 'machine_retried', message, machine)


@api.writer
def cut_over(context, plan, attempt, machines, columns, message):
    """Ask for the cutover of machines, all or none.

    :param columns: ``cutover_at`` and what goes with it.
    :raises LeaseLost: one of them is not waiting any more.
    """
    guard(context, plan, attempt)
    for machine in machines:
        migration = models.Migration
        _intend(
            context,
            machine,
            columns,
            (migration_states.WAITING,),
            sa.and_(
                migration.step == pipelines.WAIT,
                migration.cutover_at.is_(None),
                migration.cancel_requested_at.is_(None),
            ),
        )
        _tell(context, plan, 'machine_cutover', message, machine)


@api.writer
def accept(context, plan, attempt, machines, now, message):
    """Accept the servers of a whole group, all or none.

    :raises LeaseLost: one of them is not waiting for it any more.
    """
    guard(context, plan, attempt)
    for machine in machines:
        migration = models.Migration
        _intend(
            context,
            machine,
            {'accept_at': now},
            (migration_states.WAITING,),
            sa.and_(
                migration.step == pipelines.ACCEPTANCE,
                migration.cancel_requested_at.is_(None),
                migration.rollback_requested_at.is_(None),
                migration.accept_at.is_(None),
            ),
        )
        _tell(context, plan, 'machine_accepted', message, machine)


@api.writer
def take_back(context, plan, attempt, machines, now, error):
    """Bring the sources of a broken group back.

    A cutover that has not begun is withdrawn. What went on meanwhile is
    looked at again with the next tick.
    """
    guard(context, plan, attempt)
    replica = 'keep' if plan.kind == 'warm' else 'discard'
    migration = models.Migration
    for machine in machines:
        _change(context, plan, machine, error=error, retry=False)
        if not machine.live:
            continue
        withdrawn = migrations.intend(
            context,
            machine.migration_id,
            cutovers.NONE,
            (migration_states.WAITING,),
            migration.step == pipelines.WAIT,
        )
        back = withdrawn or migrations.intend(
            context,
            machine.migration_id,
            {
                'rollback_requested_at': now,
                'rollback': {'replica': replica, 'automatic': False},
            },
            acceptance.STATUSES,
            sa.and_(
                migration.step.in_(pipelines.CUTOVER),
                migration.cancel_requested_at.is_(None),
                migrations.undecided(now),
            ),
        )
        if back:
            event = 'machine_taken_back'
            _tell(context, plan, event, error['message'], machine)


def _intend(context, machine, columns, statuses, condition):
    """Write a wish that must be possible, or undo the transaction."""
    id = machine.migration_id
    if not migrations.intend(context, id, columns, statuses, condition):
        raise exceptions.LeaseLost(id=id, attempt=None)


@api.writer
def cancel(context, plan, attempt, machine, now):
    """Ask that the migration of a machine be cancelled."""
    guard(context, plan, attempt)
    migrations.intend(
        context,
        machine.migration_id,
        {'cancel_requested_at': now},
        migrations.CANCELLABLE,
        sa.true(),
    )
    message = f'{machine.name} is being cancelled with the plan.'
    _tell(context, plan, 'machine_cancelled', message, machine)


@api.writer
def end(context, plan, attempt, status, event, values, message):
    """Change the status of a plan by its own rules."""
    guard(context, plan, attempt, status=status, **values)
    plans.append(
        context,
        plan.id,
        {'event': event, 'status': status, 'message': message},
    )


def _change(context, plan, machine, **values):
    context.session.execute(
        sa.update(PlanMachine)
        .filter_by(plan_id=plan.id, id=machine.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _tell(context, plan, event, message, machine, migration_id=None):
    plans.append(
        context,
        plan.id,
        {
            'event': event,
            'status': plan.status,
            'wave': plan.waves[machine.wave]['name'],
            'machine_id': machine.id,
            'migration_id': migration_id or machine.migration_id,
            'message': message,
        },
    )
