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

"""What users decide of a server that runs: accept it, or go back."""

import sqlalchemy as sa

from migrate_service import exceptions
from migrate_service import pipelines
from migrate_service import states
from migrate_service.db import models
from migrate_service.db.api import migrations

#: Where a migration can be rolled back.
STATUSES = (states.RUNNING, states.WAITING, states.ERROR)


def request_accept(context, id, now):
    """Write that the result of a migration is accepted.

    :raises AlreadyAccepted: it was; ResultNotReady: there is none yet.
    :raises InvalidTransition: it is being rolled back or cancelled.
    """
    migration = models.Migration
    condition = sa.and_(
        migration.step == pipelines.ACCEPTANCE,
        migration.cancel_requested_at.is_(None),
        migration.rollback_requested_at.is_(None),
        migrations.undecided(now),
    )
    values = {'accept_at': now}
    if migrations.intend(context, id, values, (states.WAITING,), condition):
        return
    row = migrations.get(context, id)
    _refuse_accepted(row, now)
    if row.rollback_requested_at or row.status == states.ROLLING_BACK:
        raise exceptions.InvalidTransition(
            status=states.ROLLING_BACK, event='be accepted'
        )
    if row.cancel_requested_at or row.status in (
        states.CANCELLING,
        states.CANCELLED,
    ):
        raise exceptions.InvalidTransition(
            status=states.CANCELLING, event='be accepted'
        )
    raise exceptions.ResultNotReady(
        id=id, status=row.status, step=row.step or 'its beginning'
    )


def request_rollback(context, id, replica, now):
    """Write that the source of a migration shall be brought back.

    :param replica: ``keep`` or ``discard``.
    :returns: whether it was written; not when it is on its way.
    :raises AlreadyAccepted: it is too late; NothingToRollBack: too early.
    :raises InvalidTransition: it is being cancelled.
    """
    migration = models.Migration
    condition = sa.and_(
        sa.or_(
            migration.step.in_(pipelines.CUTOVER),
            sa.and_(
                migration.step.in_(pipelines.RETURN),
                migration.status == states.ERROR,
            ),
        ),
        migration.cancel_requested_at.is_(None),
        migrations.undecided(now),
    )
    values = {
        'rollback_requested_at': now,
        'rollback': {'replica': replica, 'automatic': False},
    }
    if migrations.intend(context, id, values, STATUSES, condition):
        return True
    row = migrations.get(context, id)
    if row.status == states.ROLLING_BACK:
        return False
    _refuse_accepted(row, now)
    if row.cancel_requested_at or row.step in pipelines.ROLLBACK:
        raise exceptions.InvalidTransition(
            status=states.CANCELLING, event='be rolled back'
        )
    if row.status == states.CANCELLED:
        raise exceptions.InvalidTransition(
            status=row.status, event='be rolled back'
        )
    raise exceptions.NothingToRollBack(
        id=id, status=row.status, step=row.step or 'its beginning'
    )


def _refuse_accepted(row, now):
    accepted = row.accept_at and row.accept_at <= now
    if (
        row.status == states.COMPLETED
        or row.step in pipelines.FINAL
        or (row.step == pipelines.ACCEPTANCE and accepted)
    ):
        raise exceptions.AlreadyAccepted(id=row.id)
