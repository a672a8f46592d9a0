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

"""Controllers of migrations: creation, lists and intents."""

import functools

import flask
from oslo_utils import uuidutils

from migrate_service import exceptions
from migrate_service import pipelines
from migrate_service import states
from migrate_service import trusts
from migrate_service.api import access
from migrate_service.api import admission
from migrate_service.api import listing
from migrate_service.api import movable
from migrate_service.api import services
from migrate_service.api import shared
from migrate_service.api import validation
from migrate_service.api import views
from migrate_service.api.schemas import migrations as schemas
from migrate_service.api.v1 import mappings
from migrate_service.api.v1 import sources
from migrate_service.db import models
from migrate_service.db.api import ledger as ledger_db
from migrate_service.db.api import machines as machines_db
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import sources as sources_db
from migrate_service.policies import migrations as policies

blueprint = flask.Blueprint('migrations', __name__)

#: What of a view tools and drivers had a say in.
TOLD = ('error', 'warnings', 'conversion')


def fetch(migration_id, rule):
    """Return the migration if the user may act on it by ``rule``."""
    migration = migrations_db.get(flask.g.context, migration_id)
    access.authorize_on(migration, 'migration', rule)
    return migration


@blueprint.get('/migrations')
@validation.request_query(schemas.index_request_query)
@validation.response_body(schemas.index_response_body)
def index(query):
    """List the migrations of the project."""
    return listing.body(
        'migrations', query, policies, migrations_db.page, view
    )


@blueprint.post('/migrations')
@validation.request_body(schemas.create_request_body)
@validation.response_body(schemas.show_response_body, 202)
def create(body):
    """Accept the migration of one machine."""
    access.authorize(policies.CREATE)
    choices = dict(body['migration'])
    source = sources.fetch_shared(choices.pop('source_id'))
    machine = machines_db.get(
        flask.g.context,
        source.id,
        choices.pop('machine_id'),
        shared.scope(source),
    )
    if not choices.get('mapping_id') and 'networks' not in choices:
        raise exceptions.BadRequest(
            reason='migration: networks is missing, or a mapping_id.'
        )
    values = _row(source, machine, mappings.apply(source, choices))
    overridden = movable.check(
        flask.g.context,
        source,
        machine.data,
        values['options'],
        values['kind'],
    )
    if values['options']['require_rehearsal'] and values['kind'] != 'warm':
        raise exceptions.BadRequest(
            reason='migration.require_rehearsal: only a warm migration can '
            'be rehearsed.'
        )
    admitted = admission.Admission(machine.data)
    values['warnings'] = admitted.notices()
    migration = _with_trust(source, values, overridden, admitted)
    services.current().waker.wake()
    return {'migration': view(migration)}


@blueprint.get('/migrations/<migration_id>')
@validation.response_body(schemas.show_response_body)
def show(migration_id):
    """Show a migration."""
    return {'migration': view(fetch(migration_id, policies.SHOW))}


@blueprint.delete('/migrations/<migration_id>')
@validation.response_body(None, 204)
def delete(migration_id):
    """Delete the record of a migration that ended."""
    fetch(migration_id, policies.DELETE)
    migrations_db.delete(flask.g.context, migration_id)


@blueprint.post('/migrations/<migration_id>/cancel')
@validation.response_body(schemas.show_response_body, 202)
def cancel(migration_id):
    """Ask that a migration stop and that what it made be removed."""
    migration = fetch(migration_id, policies.CANCEL)
    if migration.trust_id is None:
        _delete_unnoted(migration_id)
    migrations_db.request_cancel(flask.g.context, migration_id, models.now())
    services.current().waker.wake()
    return {'migration': view(fetch(migration_id, policies.CANCEL))}


@blueprint.post('/migrations/<migration_id>/retry')
@validation.response_body(schemas.show_response_body, 202)
def retry(migration_id):
    """Ask that a migration in error go on at the step that failed."""
    migration = fetch(migration_id, policies.RETRY)
    if migration.status == states.ERROR and _was_cancelled(migration):
        raise exceptions.RetryAfterCancel(id=migration_id)
    migrations_db.request_retry(flask.g.context, migration_id, models.now())
    services.current().waker.wake()
    return {'migration': view(fetch(migration_id, policies.RETRY))}


@blueprint.post('/migrations/<migration_id>/sync')
@validation.response_body(schemas.show_response_body, 202)
def sync(migration_id):
    """Ask for a round of copying what changed, now."""
    require_warm(fetch(migration_id, policies.SYNC))
    migrations_db.request_sync(flask.g.context, migration_id, models.now())
    services.current().waker.wake()
    return {'migration': view(fetch(migration_id, policies.SYNC))}


def require_warm(migration):
    """Refuse what only a warm migration has.

    :raises NotWarm: it is another one.
    """
    if migration.kind != 'warm':
        raise exceptions.NotWarm(id=migration.id, kind=migration.kind)


def _was_cancelled(migration):
    return (
        migration.cancel_requested_at is not None
        or migration.step in pipelines.ROLLBACK
    )


def _row(source, machine, choices):
    """Return the columns of a new migration."""
    context = flask.g.context
    name = choices.pop('name', machine.name)
    kind = choices.pop('kind', 'cold')
    probe = schemas.PROBE_DEFAULTS | choices.pop('probe', {})
    return {
        'id': uuidutils.generate_uuid(),
        'project_id': context.project_id,
        'user_id': context.user_id,
        'request_id': context.request_id,
        'name': name,
        'kind': kind,
        'source_id': source.id,
        'machine_id': machine.id,
        'machine_name': machine.name,
        'in_use': f'{source.id}/{machine.id}',
        'status': states.ACCEPTED,
        'options': schemas.DEFAULTS | choices | {'probe': probe},
    }


def _with_trust(source, values, overridden, admitted):
    """Insert the row, make its trust, and note the trust in the row.

    Until then no worker can claim it. Should this process die in between,
    a row that can be cancelled remains; a failure removes it.
    """
    context = flask.g.context
    store = services.current().trusts
    details = {'overridden': overridden} if overridden else None
    ledger = store.ledger()
    note = functools.partial(migrations_db.trusted, context, values['id'])
    migrations_db.create(context, values, ledger, details)
    try:
        _look_again(source, values['machine_id'])
        admitted.enter(values['id'])
        trusts.noted(store, context, note, ledger=ledger)
    except Exception:
        migrations_db.discard(context, values['id'])
        admitted.withdraw(values['id'])
        raise
    return migrations_db.get(context, values['id'])


def _look_again(source, machine_id):
    """Refuse a machine whose grant was taken back meanwhile.

    Whoever takes a grant back looks for migrations first: one of both sees
    the other.
    """
    scope = shared.scope(source)
    if scope is not None:
        machines_db.get(flask.g.context, source.id, machine_id, scope)


def _delete_unnoted(migration_id):
    """Delete the trust of a migration whose creation died half way."""
    for entry in ledger_db.entries(flask.g.context, migration_id):
        if entry.kind == 'trust' and entry.state == 'intended':
            services.current().trusts.delete_unnoted(entry.details)


def view(migration):
    """Return the view of a migration for the user who asks."""
    sees_worker = access.allows(policies.SHOW_WORKER, migration.project_id)
    view = views.migration(migration, sees_worker)
    told = [name for name in TOLD if view[name]]
    censor = censor_of(migration) if told else None
    if censor:
        view |= {name: censor.clean(view[name]) for name in told}
        view['error'] = censor.error(migration.error)
    return view


def censor_of(migration):
    """Return the ``Censor`` of what is told of a migration, or None.

    A list asks once for each source.
    """
    shared_ones = flask.g.setdefault('shared_sources', {})
    id = migration.source_id
    if id not in shared_ones:
        source = sources_db.get(flask.g.context, id)
        whole = shared.scope(source) is None
        shared_ones[id] = None if whole else source
    source = shared_ones[id]
    if source is None:
        return None
    # Rows of a list come without their checkpoints.
    whole = migrations_db.get(flask.g.context, migration.id)
    return shared.Censor(source, whole.checkpoint.get('machine'))
