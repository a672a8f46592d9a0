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

"""Queries on plans: what the API writes and everybody reads."""

import sqlalchemy as sa

from migrate_service import exceptions
from migrate_service import pipelines
from migrate_service import plan_errors
from migrate_service import states as migration_states
from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db import planned
from migrate_service.db.api import cutovers
from migrate_service.db.api import paging
from migrate_service.plans import states

Plan = planned.Plan
PlanMachine = planned.PlanMachine
PlanEvent = planned.PlanEvent
#: Columns of a migration that a plan follows.
FOLLOWED = (
    'kind',
    'status',
    'step',
    'cutover_at',
    'accept_at',
    'cancel_requested_at',
    'rollback_requested_at',
    'retry_requested_at',
)


@api.writer
def create(context, values, machines):
    """Insert a plan with its machines, and the first event."""
    context.session.add(Plan(**values))
    context.session.flush()
    _add_machines(context, values['id'], machines)
    event = {
        'event': 'created',
        'status': values['status'],
        'user_id': values['user_id'],
        'message': f'Created with {len(machines)} machines.',
    }
    append(context, values['id'], event)


def _add_machines(context, id, machines):
    for machine in machines:
        context.session.add(PlanMachine(plan_id=id, **machine))


def append(context, id, event):
    """Add an event within the transaction of what it tells of."""
    context.session.add(PlanEvent(plan_id=id, **event))


def note(context, migration_id, error):
    """Note why the machine of a migration failed, if it is of a plan.

    Within the transaction of the failure. What is noted already is kept.
    """
    query = sa.select(PlanMachine).filter_by(migration_id=migration_id)
    for row in context.session.scalars(query):
        row.error = row.error or error


@api.reader
def get(context, id):
    """Return the plan.

    :raises NotFound: there is none.
    """
    row = context.session.get(Plan, id)
    if row is None:
        raise exceptions.NotFound(kind='plan', id=id)
    return row


@api.reader
def page(context, filters, page):
    """Return a page of plans."""
    query = sa.select(Plan).filter_by(**filters)
    return paging.fetch(context, query, Plan, page)


@api.reader
def event_page(context, id, page):
    """Return a page of the events of a plan."""
    query = sa.select(PlanEvent).filter_by(plan_id=id)
    return paging.fetch(context, query, PlanEvent, page)


@api.reader
def machine_page(context, id, filters, page):
    """Return a page of the rows of machines of a plan."""
    query = sa.select(PlanMachine).filter_by(plan_id=id, **filters)
    return paging.fetch(context, query, PlanMachine, page)


@api.reader
def overrides(context, id, machine_id):
    """Return what of the options is different for one machine."""
    return context.session.get(PlanMachine, (id, machine_id)).overrides


@api.reader
def machines(context, ids):
    """Return ``{plan id: [states.Machine by position]}`` of plans."""
    machine, migration = PlanMachine, models.Migration
    query = (
        sa.select(
            machine,
            migration.error,
            *(getattr(migration, name) for name in FOLLOWED),
        )
        .outerjoin(migration, migration.id == machine.migration_id)
        .where(machine.plan_id.in_(ids))
        .order_by(machine.position)
    )
    found: dict[str, list] = {id: [] for id in ids}
    for row, error, *followed in context.session.execute(query):
        found[row.plan_id].append(
            states.Machine(
                id=row.id,
                name=row.name,
                wave=row.wave,
                position=row.position,
                group=row.group_name,
                retries=row.retries,
                retry=row.retry,
                error=row.error,
                migration_id=row.migration_id,
                migration_error=error,
                **dict(zip(FOLLOWED, followed, strict=True)),
            )
        )
    return found


@api.writer
def update(context, id, statuses, values, machines=None):
    """Change a plan that is in one of ``statuses``.

    :param machines: rows that replace those of the plan, or None.
    :raises PlanTransition: it is in another.
    """
    _write(context, id, statuses, values, 'be changed')
    if machines is not None:
        context.session.execute(sa.delete(PlanMachine).filter_by(plan_id=id))
        _add_machines(context, id, machines)


@api.writer
def act(context, id, action, user_id, now):
    """Write what a user wants of a plan, with its event.

    :param action: one of ``states.ACTIONS``.
    :raises PlanTransition: the plan is in no status that allows it.
    """
    statuses, status = states.ACTIONS[action]
    values = {'status': status, 'error': None}
    if action == 'cutover':
        values['cutover_requested_at'] = now
    _write(context, id, statuses, values, action)
    more = _recall(context, id) if action == 'pause' else ''
    if action == 'resume':
        context.session.execute(
            sa.update(PlanMachine).filter_by(plan_id=id).values(retry=True)
        )
    _tell(context, id, action, status, user_id, more)


def _recall(context, id):
    """Withdraw the cutovers that have not begun; tell how many.

    Those of a group begin at once, and go on whole.
    """
    migration = models.Migration
    alone = sa.select(PlanMachine.migration_id).where(
        PlanMachine.plan_id == id,
        PlanMachine.group_name.is_(None),
        PlanMachine.migration_id.is_not(None),
    )
    count = context.session.execute(
        sa.update(migration)
        .where(
            migration.id.in_(alone),
            migration.status.in_(
                (migration_states.RUNNING, migration_states.WAITING)
            ),
            migration.step.in_(pipelines.BEFORE_CUTOVER),
            migration.cutover_at.is_not(None),
        )
        .values(**cutovers.NONE)
        .execution_options(synchronize_session=False)
    ).rowcount
    return f' Cutovers that were recalled: {count}.' if count else ''


@api.writer
def start(context, id, mark, now, user_id, trust_id):
    """Start a draft with the trust that ``mark`` was noted for.

    :raises PlanTransition: it is no draft, or is being started by another.
    """
    values = {
        'status': states.RUNNING,
        'trust_id': trust_id,
        'started_at': now,
        'user_id': user_id,
    }
    condition = Plan.trust_mark == mark
    _write(context, id, (states.DRAFT,), values, 'start', condition)
    _tell(context, id, 'start', states.RUNNING, user_id)


def _tell(context, id, action, status, user_id, more=''):
    event = {
        'event': action,
        'status': status,
        'user_id': user_id,
        'message': f'A user asked for: {action}.{more}',
    }
    append(context, id, event)


@api.writer
def mark_trust(context, id, mark):
    """Note what a trust will be known by, before it is made.

    :raises PlanTransition: the plan is no draft, or is being started.
    """
    condition = Plan.trust_mark.is_(None)
    values = {'trust_mark': mark}
    _write(context, id, (states.DRAFT,), values, 'start', condition)


@api.writer
def unmark_trust(context, id, mark):
    """Forget the mark of a trust that there is no more."""
    context.session.execute(
        sa.update(Plan)
        .filter_by(id=id, trust_mark=mark)
        .values(trust_mark=None, trust_id=None)
        .execution_options(synchronize_session=False)
    )


@api.writer
def delete(context, id):
    """Delete a plan that moves nothing.

    :raises PlanInUse: its trust is still needed, or not yet deleted.
    :raises PlanTransition: it has been started and has not ended.
    """
    deleted = context.session.execute(
        sa.delete(Plan)
        .where(Plan.id == id, Plan.trust_id.is_(None))
        .where(Plan.status.in_((states.DRAFT, *states.ENDED)))
        .execution_options(synchronize_session=False)
    ).rowcount
    row = None if deleted else context.session.get(Plan, id)
    if row and row.trust_id and row.status in states.ENDED:
        raise plan_errors.PlanInUse(id=id)
    if row:
        _refuse(context, id, 'be deleted')


def _write(context, id, statuses, values, action, condition=None):
    condition = sa.true() if condition is None else condition
    changed = context.session.execute(
        sa.update(Plan)
        .where(Plan.id == id, Plan.status.in_(statuses), condition)
        .values(**values)
        .execution_options(synchronize_session=False)
    ).rowcount
    if not changed:
        _refuse(context, id, action)


def _refuse(context, id, action):
    row = context.session.get(Plan, id)
    if row is None:
        raise exceptions.NotFound(kind='plan', id=id)
    raise plan_errors.PlanTransition(id=id, status=row.status, action=action)
