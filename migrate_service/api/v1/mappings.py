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

"""Controllers of mappings: where the machines of a source go."""

import flask
from oslo_utils import uuidutils

from migrate_service import exceptions
from migrate_service import mapping as mapped
from migrate_service.api import access
from migrate_service.api import listing
from migrate_service.api import movable
from migrate_service.api import shared
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import mappings as schemas
from migrate_service.api.schemas import parameters
from migrate_service.api.v1 import sources
from migrate_service.db.api import assessments as assessments_db
from migrate_service.db.api import machines as machines_db
from migrate_service.db.api import mappings as mappings_db
from migrate_service.policies import mappings as policies
from migrate_service.policies import sources as source_policies

blueprint = flask.Blueprint('mappings', __name__)

#: Kinds of the items of a source that lists of a mapping name.
KINDS = {'networks': 'network', 'volume_types': 'datastore'}
#: Machines of one query.
PAGE = 500
#: What a mapping and the options given beside it must be together.
YIELD = parameters.obj(schemas.options, required=())


def fetch(mapping_id, rule):
    """Return the mapping if the user may act on it by ``rule``."""
    row = mappings_db.get(flask.g.context, mapping_id)
    access.authorize_on(row, 'mapping', rule)
    return row


@blueprint.get('/mappings')
@validation.request_query(schemas.index_request_query)
@validation.response_body(schemas.index_response_body)
def index(query):
    """List the mappings of the project."""
    return listing.body('mappings', query, policies, mappings_db.page, _view)


@blueprint.post('/mappings')
@validation.request_body(schemas.create_request_body)
@validation.response_body(schemas.show_response_body, 201)
def create(body):
    """Create a mapping of a source of the project."""
    access.authorize(policies.CREATE)
    context = flask.g.context
    given = dict(body['mapping'])
    source = sources.fetch_shared(given.pop('source_id'))
    options = _options(given)
    movable.check_choices(
        context, source, schemas.DEFAULTS | options, 'mapping'
    )
    values = {
        'id': uuidutils.generate_uuid(),
        'project_id': context.project_id,
        'user_id': context.user_id,
        'source_id': source.id,
        'options': options,
    }
    row = mappings_db.create(context, values | given)
    return {'mapping': _view(row)}


@blueprint.get('/mappings/<mapping_id>')
@validation.response_body(schemas.show_response_body)
def show(mapping_id):
    """Show a mapping."""
    return {'mapping': _view(fetch(mapping_id, policies.SHOW))}


@blueprint.patch('/mappings/<mapping_id>')
@validation.request_body(schemas.update_request_body)
@validation.response_body(schemas.show_response_body)
def update(body, mapping_id):
    """Change a mapping; migrations keep what it yielded before."""
    row = fetch(mapping_id, policies.UPDATE)
    context = flask.g.context
    values = dict(body['mapping'])
    changed = _options(values)
    if changed:
        source = sources.fetch(row.source_id, source_policies.SHOW)
        movable.check_choices(
            context, source, schemas.DEFAULTS | changed, 'mapping'
        )
        values['options'] = row.options | changed
    if values:
        row = mappings_db.change(context, mapping_id, values)
    return {'mapping': _view(row)}


@blueprint.delete('/mappings/<mapping_id>')
@validation.response_body(None, 204)
def delete(mapping_id):
    """Delete a mapping; migrations keep what it yielded."""
    fetch(mapping_id, policies.DELETE)
    mappings_db.delete(flask.g.context, mapping_id)


@blueprint.post('/mappings/<mapping_id>/unmapped')
@validation.request_body(schemas.unmapped_request_body)
@validation.response_body(schemas.unmapped_response_body)
def unmapped(body, mapping_id):
    """Tell what of a set of machines a mapping leaves open."""
    row = fetch(mapping_id, policies.UNMAPPED)
    source = sources.fetch(row.source_id, source_policies.SHOW)
    context = flask.g.context
    ids = movable.machine_ids(
        context, source, dict(body['unmapped']), 'unmapped'
    )
    scope = shared.scope(source)
    names = {
        name: machines_db.item_names(context, source.id, kind, scope)
        for name, kind in machines_db.ITEM_KINDS.items()
    }
    found = mapped.unmapped(row.options, _machines(source, ids), names)
    return {'unmapped': {'machine_count': len(ids)} | found}


def apply(source, choices):
    """Return the options of a request, with what its mapping yields.

    :param source: the row of the source of the request.
    :raises NotFound: the project has no such mapping.
    :raises BadRequest: it is of another source, or both are too much.
    """
    if not choices.get('mapping_id'):
        return choices
    row = fetch(choices['mapping_id'], policies.SHOW)
    context = flask.g.context
    if row.project_id != context.project_id:
        raise exceptions.NotFound(kind='mapping', id=row.id)
    if row.source_id != source.id:
        raise exceptions.BadRequest(
            reason=f'mapping_id: the mapping {row.name} is of another source.'
        )
    scope = shared.scope(source)
    known = {
        field: machines_db.item_names(context, source.id, kind, scope)
        for field, kind in KINDS.items()
    }
    options = mapped.choices(row.options, choices, known)
    together = {
        name: options[name] for name in options.keys() & mapped.OPTIONS
    }
    validation.check(YIELD, together, 'What the mapping yields')
    return options


def _machines(source, ids):
    """Yield the inventory's dicts of these machines."""
    for start in range(0, len(ids), PAGE):
        yield from assessments_db.machines(
            flask.g.context, source.id, ids[start : start + PAGE]
        )


def _options(values):
    """Take the options out of the values of a request."""
    return {
        name: values.pop(name) for name in mapped.OPTIONS if name in values
    }


def _view(row):
    shown = (
        'id',
        'name',
        'description',
        'source_id',
        'project_id',
        'user_id',
    )
    view = {name: getattr(row, name) for name in shown}
    view |= schemas.DEFAULTS | row.options
    return view | {
        'created_at': times.shown(row.created_at),
        'updated_at': times.shown(row.updated_at),
    }
