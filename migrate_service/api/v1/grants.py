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

"""Controllers of grants: which projects see which part of a source."""

import flask
from oslo_utils import uuidutils

from migrate_service import exceptions
from migrate_service.api import paging
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import grants as schemas
from migrate_service.api.v1 import sources
from migrate_service.db.api import grants as grants_db
from migrate_service.policies import grants as policies

blueprint = flask.Blueprint('grants', __name__)

PARTS = ('folders', 'tags', 'resource_pools')


@blueprint.get('/sources/<source_id>/grants')
@validation.request_query(schemas.index_request_query)
@validation.response_body(schemas.index_response_body)
def index(source_id, query):
    """List the grants of a source."""
    source = sources.fetch(source_id, policies.LIST)
    page = paging.page(query, 'created_at')
    rows = grants_db.page(
        flask.g.context, source.id, paging.filters(query), page
    )
    return paging.body('grants', rows, _view, page)


@blueprint.post('/sources/<source_id>/grants')
@validation.request_body(schemas.create_request_body)
@validation.response_body(schemas.show_response_body, 201)
def create(body, source_id):
    """Let a project see a part of a source."""
    source = sources.fetch(source_id, policies.CREATE)
    wanted = body['grant']
    if not any(wanted.get(name) for name in PARTS):
        raise exceptions.BadRequest(
            reason=f'grant: give at least one of {", ".join(PARTS)}.'
        )
    if wanted['project_id'] == source.project_id:
        raise exceptions.BadRequest(
            reason='grant.project_id: the source is of this project.'
        )
    context = flask.g.context
    values = {name: wanted.get(name, []) for name in PARTS} | {
        'id': uuidutils.generate_uuid(),
        'source_id': source.id,
        'project_id': wanted['project_id'],
        'user_id': context.user_id,
    }
    return {'grant': _view(grants_db.create(context, values))}


@blueprint.get('/sources/<source_id>/grants/<grant_id>')
@validation.response_body(schemas.show_response_body)
def show(source_id, grant_id):
    """Show a grant, and how many machines it shows now."""
    sources.fetch(source_id, policies.SHOW)
    return {
        'grant': _view(grants_db.get(flask.g.context, source_id, grant_id))
    }


@blueprint.delete('/sources/<source_id>/grants/<grant_id>')
@validation.request_query(schemas.delete_request_query)
@validation.response_body(None, 204)
def delete(source_id, grant_id, query):
    """Take a grant back: no new migration starts by it."""
    sources.fetch(source_id, policies.DELETE)
    row = grants_db.get(flask.g.context, source_id, grant_id)
    grants_db.delete(flask.g.context, row, query.get('force', False))


def _view(row):
    shown = ('id', 'source_id', 'project_id', *PARTS, 'user_id')
    return {name: getattr(row, name) for name in shown} | {
        'machine_count': grants_db.machine_count(flask.g.context, row),
        'created_at': times.shown(row.created_at),
    }
