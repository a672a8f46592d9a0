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

"""Queries on preparations of guests, and on the credentials for them."""

import sqlalchemy as sa
from oslo_db import exception

from migrate_service import exceptions
from migrate_service import pipelines
from migrate_service import preparation_errors
from migrate_service import states
from migrate_service.db import api
from migrate_service.db import models
from migrate_service.db import prepared
from migrate_service.db.api import excursions


def request(context, migration_id, *, action, secret, now):
    """Write the wish that a guest be prepared, with the credentials.

    :param action: ``prepare`` or ``revert``.
    :param secret: the reference that the store of secrets gave.
    :raises PreparationUnderway: another one is asked for or carried out.
    :raises PreparationTooLate: the cutover is due.
    :raises InvalidTransition: the migration does not copy rounds, or is
        cancelled.
    """
    values = {
        'migration_id': migration_id,
        'action': action,
        'secret': secret,
    }
    try:
        if not _request(context, values, now):
            _refuse(context, migration_id, now)
    except exception.DBDuplicateEntry:
        raise preparation_errors.PreparationUnderway(id=migration_id) from None


@api.writer
def _request(context, values, now):
    migration = models.Migration
    query = (
        sa.update(migration)
        .where(
            *excursions.possible(values['migration_id'], now),
            migration.prepare_requested_at.is_(None),
        )
        .values(prepare_requested_at=now)
        .execution_options(synchronize_session=False)
    )
    if not context.session.execute(query).rowcount:
        return False
    context.session.add(prepared.Preparation(**values))
    return True


@api.reader
def _refuse(context, migration_id, now):
    row = context.session.get(models.Migration, migration_id)
    if row.prepare_requested_at or row.step in pipelines.PREPARE:
        raise preparation_errors.PreparationUnderway(id=migration_id)
    if row.cutover_at and row.cutover_at <= now:
        raise preparation_errors.PreparationTooLate(id=migration_id)
    raise exceptions.InvalidTransition(status=row.status, event='prepare')


@api.reader
def get(context, migration_id):
    """Return the preparation of a migration, or None."""
    return context.session.get(prepared.Preparation, migration_id)


@api.reader
def every(context):
    """Return all preparations that hold credentials."""
    return context.session.scalars(sa.select(prepared.Preparation)).all()


@api.writer
def replace_secret(context, migration_id, old, new):
    """Write another reference of the same secret; return whether it was.

    A worker that got the old reference with its lease can go on reading it
    as long as the key that it needs is there.
    """
    if new == old:
        return False
    query = (
        sa.update(prepared.Preparation)
        .filter_by(migration_id=migration_id, secret=old)
        .values(secret=new)
        .execution_options(synchronize_session=False)
    )
    return bool(context.session.execute(query).rowcount)


@api.reader
def over(context):
    """Return preparations that neither wait nor are carried out."""
    migration = models.Migration
    needed = sa.select(migration.id).where(
        migration.id == prepared.Preparation.migration_id,
        sa.or_(
            sa.and_(
                migration.prepare_requested_at.is_not(None),
                migration.status.in_((states.RUNNING, states.WAITING)),
            ),
            sa.and_(
                migration.status == states.RUNNING,
                migration.step.in_(pipelines.PREPARE),
            ),
        ),
    )
    query = sa.select(prepared.Preparation).where(~needed.exists())
    return context.session.scalars(query).all()


@api.writer
def delete(context, migration_id, secret):
    """Delete a preparation, unless another one took its place."""
    context.session.execute(
        sa.delete(prepared.Preparation).filter_by(
            migration_id=migration_id, secret=secret
        )
    )
