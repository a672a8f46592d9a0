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


"""Controllers of cutovers: asked for, replaced, withdrawn."""

import flask

from migrate_service import exceptions
from migrate_service import rehearsal_errors
from migrate_service.api import services
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import cutovers as schemas
from migrate_service.api.schemas import migrations as migration_schemas
from migrate_service.api.v1 import migrations
from migrate_service.db import models
from migrate_service.db.api import cutovers as cutovers_db
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import rehearsals as rehearsals_db
from migrate_service.policies import migrations as policies

blueprint = flask.Blueprint('cutovers', __name__)
#: What the guest itself must change before it can be converted.
HOPELESS = ('conversion.impossible', 'conversion.guest_hibernated')


@blueprint.post('/migrations/<migration_id>/cutover')
@validation.request_body(schemas.create_request_body)
@validation.response_body(migration_schemas.show_response_body, 202)
def create(body, migration_id):
    """Say when the source is stopped and the last changes are copied.

    Another request replaces this one, until the cutover has begun.
    """
    migration = migrations.fetch(migration_id, policies.CUTOVER)
    migrations.require_warm(migration)
    columns = _schedule(body['cutover'], models.now())
    if not migration.progress.get('rounds'):
        raise exceptions.CutoverTooEarly(id=migration_id)
    _refuse_hopeless(migration)
    _require_rehearsal(migration)
    migrations_db.request_cutover(flask.g.context, migration_id, columns)
    return _shown(migration_id)


@blueprint.delete('/migrations/<migration_id>/cutover')
@validation.response_body(migration_schemas.show_response_body, 202)
def delete(migration_id):
    """Withdraw a cutover that has not begun; rounds go on."""
    migrations.require_warm(migrations.fetch(migration_id, policies.CUTOVER))
    migrations_db.request_cutover(
        flask.g.context, migration_id, cutovers_db.NONE
    )
    return _shown(migration_id)


def _schedule(asked, now):
    """Return the columns for what was asked for.

    :raises BadRequest, CutoverInPast, CutoverWindowEmpty:
    """
    at = _future(asked, 'at', now)
    not_after = _future(asked, 'not_after', now)
    not_before = times.parsed(asked.get('not_before'))
    if at and (not_before or not_after):
        reason = 'cutover.at: not together with not_before or not_after.'
        raise exceptions.BadRequest(reason=reason)
    if not_before and not_after and not_after <= not_before:
        raise exceptions.CutoverWindowEmpty(
            not_before=times.shown(not_before),
            not_after=times.shown(not_after),
        )
    return {
        'cutover_at': at or not_before or now,
        'cutover_not_after': not_after,
        'max_downtime': asked.get('max_downtime'),
    }


def _future(asked, field, now):
    value = times.parsed(asked.get(field))
    if value and value <= now:
        raise exceptions.CutoverInPast(field=field, at=times.shown(value))
    return value


def _refuse_hopeless(migration):
    error = (migration.progress.get('conversion') or {}).get('error') or {}
    if error.get('code') in HOPELESS:
        raise exceptions.CutoverHopeless(
            id=migration.id, reason=error['message']
        )


def _require_rehearsal(migration):
    """Refuse the cutover that demands a rehearsal which nobody made."""
    if migration.options.get('require_rehearsal') and (
        not rehearsals_db.green(flask.g.context, migration.id)
    ):
        raise rehearsal_errors.RehearsalRequired(id=migration.id)


def _shown(migration_id):
    services.current().waker.wake()
    migration = migrations.fetch(migration_id, policies.CUTOVER)
    return {'migration': migrations.view(migration)}
