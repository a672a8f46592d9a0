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

"""Controllers of sources."""

import flask
from oslo_log import log
from oslo_utils import uuidutils

from migrate_service import exceptions
from migrate_service.api import access
from migrate_service.api import formats
from migrate_service.api import listing
from migrate_service.api import services
from migrate_service.api import shared
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import sources as schemas
from migrate_service.db import models
from migrate_service.db.api import sources as sources_db
from migrate_service.policies import sources as policies

LOG = log.getLogger(__name__)
blueprint = flask.Blueprint('sources', __name__)

#: A change of one of these makes a worker verify the source again.
CONNECTION = frozenset(
    {'address', 'port', 'username', 'secret', 'ca', 'fingerprint'}
)


def fetch(source_id, rule):
    """Return the source if the user may act on it by ``rule``.

    What of it the user sees is ``shared.scope`` of it.
    """
    source = sources_db.get(flask.g.context, source_id)
    if shared.is_granted(source, rule):
        return source
    access.authorize_on(source, 'source', rule)
    return source


def fetch_ready(source_id):
    """Return a source that is ready, of the project that asks.

    Not even an administrator moves a machine from one project to another.
    """
    source = fetch(source_id, policies.SHOW)
    if source.project_id != flask.g.context.project_id:
        raise exceptions.NotFound(kind='source', id=source_id)
    return _ready(source)


def fetch_shared(source_id):
    """Return a source that is ready, of the project or shared with it.

    Whoever asks for it looks only at ``shared.scope`` of it.
    """
    source = fetch(source_id, policies.SHOW)
    if shared.is_granted(source, policies.SHOW):
        return _ready(source)
    return fetch_ready(source_id)


def _ready(source):
    if source.status != 'ready':
        raise exceptions.SourceNotReady(id=source.id, status=source.status)
    return source


@blueprint.get('/sources')
@validation.request_query(schemas.index_request_query)
@validation.response_body(schemas.index_response_body)
def index(query):
    """List the sources of the project."""
    return listing.body('sources', query, policies, sources_db.page, _view)


@blueprint.post('/sources')
@validation.request_body(schemas.create_request_body)
@validation.response_body(schemas.show_response_body, 202)
def create(body):
    """Register a source, which a worker then verifies."""
    access.authorize(policies.CREATE)
    values = _normal(body['source'])
    _check_driver(values['driver'])
    context = flask.g.context
    secrets = services.current().secrets
    values['secret'] = secrets.store(values.pop('password'))
    values |= {
        'id': uuidutils.generate_uuid(),
        'project_id': context.project_id,
        'user_id': context.user_id,
        **_to_verify(),
    }
    try:
        source = sources_db.create(context, values)
    except Exception:
        _forget(values['secret'])
        raise
    services.current().waker.wake()
    return {'source': _view(source)}


@blueprint.get('/sources/<source_id>')
@validation.response_body(schemas.show_response_body)
def show(source_id):
    """Show a source."""
    return {'source': _view(fetch(source_id, policies.SHOW))}


@blueprint.patch('/sources/<source_id>')
@validation.request_body(schemas.update_request_body)
@validation.response_body(schemas.show_response_body)
def update(body, source_id):
    """Change a source; it is verified again where that matters."""
    source = fetch(source_id, policies.UPDATE)
    values = _normal(body['source'])
    _check_place(source, values)
    if 'password' in values:
        secrets = services.current().secrets
        values['secret'] = secrets.store(values.pop('password'))
    if CONNECTION & values.keys():
        values |= _to_verify() | sources_db.TAKEN_BACK
    try:
        changed = sources_db.change(flask.g.context, source_id, values)
    except Exception:
        _forget(values.get('secret'))
        raise
    if 'secret' in values:
        _forget(source.secret)
    services.current().waker.wake()
    return {'source': _view(changed)}


@blueprint.delete('/sources/<source_id>')
@validation.response_body(None, 204)
def delete(source_id):
    """Delete a source that no migration uses, and its inventory."""
    source = fetch(source_id, policies.DELETE)
    sources_db.delete(flask.g.context, source_id)
    _forget(source.secret)


@blueprint.post('/sources/<source_id>/refresh')
@validation.response_body(schemas.show_response_body, 202)
def refresh(source_id):
    """Ask that a source be verified and its inventory be read again."""
    source = fetch(source_id, policies.REFRESH)
    values = _to_verify()
    if source.status == 'ready':
        values |= {'status': source.status}
    changed = sources_db.change(flask.g.context, source_id, values)
    services.current().waker.wake()
    return {'source': _view(changed)}


def _check_driver(driver):
    enabled = services.current().conf.api.enabled_drivers
    if driver not in enabled:
        raise exceptions.BadRequest(
            reason=f'source.driver: must be one of {", ".join(enabled)}.'
        )


def _check_place(source, values):
    """Refuse to send a stored password to another place.

    Who may change a source is not to learn its password by that.
    """
    for field in ('address', 'port'):
        if (
            values.get(field, getattr(source, field)) != getattr(source, field)
            and 'password' not in values
        ):
            raise exceptions.BadRequest(
                reason=f'source.password: must be given together with another '
                f'{field}.'
            )


def _normal(values):
    """Return the values of a request in the form the database holds."""
    values = dict(values)
    if 'address' in values:
        values['address'] = formats.normal_host(values['address'])
    if values.get('fingerprint'):
        values['fingerprint'] = formats.normal_fingerprint(
            values['fingerprint']
        )
    return values


def _to_verify():
    return {
        'status': 'verifying',
        'error': None,
        'refresh_requested_at': models.now(),
        'not_before': None,
        'step_attempts': 0,
    }


def _forget(reference):
    """Delete a secret that no source refers to; a failure is only logged."""
    if reference is None:
        return
    try:
        services.current().secrets.delete(reference)
    except exceptions.SecretsUnavailable as error:
        LOG.warning('A secret that is not used was left: %s', error)


def _view(source):
    shown = (
        'id',
        'name',
        'description',
        'driver',
        'address',
        'port',
        'username',
        'ca',
        'fingerprint',
        'status',
        'error',
        'product',
        'project_id',
        'user_id',
    )
    view = {name: getattr(source, name) for name in shown} | {
        'inventory_at': times.shown(source.inventory_at),
        'inventory_age': times.age(source.inventory_at),
        'refresh_requested_at': times.shown(source.refresh_requested_at),
        'created_at': times.shown(source.created_at),
        'updated_at': times.shown(source.updated_at),
    }
    whole = shared.scope(source) is None
    return view if whole else shared.source_view(view)
