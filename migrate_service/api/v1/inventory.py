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

"""Controllers of the inventory of a source, as it was last read."""

import flask

from migrate_service import grant_errors
from migrate_service.api import paging
from migrate_service.api import shared
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import inventory as schemas
from migrate_service.api.v1 import sources
from migrate_service.db.api import machines as machines_db
from migrate_service.policies import inventory as policies

blueprint = flask.Blueprint('inventory', __name__)


@blueprint.get('/sources/<source_id>/machines')
@validation.request_query(schemas.machines_request_query)
@validation.response_body(schemas.machines_response_body)
def machines(source_id, query):
    """List the machines of a source."""
    source = sources.fetch(source_id, policies.LIST_MACHINES)
    page = paging.page(query, 'name')
    scope = shared.scope(source)
    filters = paging.filters(query)
    if scope is not None and 'cluster' in filters:
        raise grant_errors.NotShown(what='clusters')
    rows = machines_db.page(flask.g.context, source_id, filters, page, scope)
    view = _machine_view if scope is None else _shared_machine_view
    return paging.body('machines', rows, view, page) | _age(source)


@blueprint.get('/sources/<source_id>/machines/<machine_id>')
@validation.response_body(schemas.machine_response_body)
def machine(source_id, machine_id):
    """Show a machine of a source."""
    source = sources.fetch(source_id, policies.SHOW_MACHINE)
    scope = shared.scope(source)
    row = machines_db.get(flask.g.context, source_id, machine_id, scope)
    view = _machine_view if scope is None else _shared_machine_view
    return {'machine': view(row)}


@blueprint.get('/sources/<source_id>/networks')
@validation.request_query(schemas.items_request_query)
@validation.response_body(schemas.networks_response_body)
def networks(source_id, query):
    """List the networks of a source."""
    source = sources.fetch(source_id, policies.LIST_NETWORKS)
    return _items(source, 'networks', query)


@blueprint.get('/sources/<source_id>/datastores')
@validation.request_query(schemas.items_request_query)
@validation.response_body(schemas.datastores_response_body)
def datastores(source_id, query):
    """List the datastores of a source."""
    source = sources.fetch(source_id, policies.LIST_DATASTORES)
    return _items(source, 'datastores', query)


def _items(source, name, query):
    page = paging.page(query, 'name')
    kind = machines_db.ITEM_KINDS[name]
    scope = shared.scope(source)
    rows = machines_db.item_page(
        flask.g.context, source.id, kind, paging.filters(query), page, scope
    )
    whole = scope is None or kind != 'datastore'
    view = _item_view if whole else _shared_datastore_view
    return paging.body(name, rows, view, page) | _age(source)


def _machine_view(row):
    return {'id': row.id, 'source_id': row.source_id} | row.data


def _shared_machine_view(row):
    return shared.machine_view(_machine_view(row))


def _item_view(row):
    return {'id': row.id} | row.data


def _shared_datastore_view(row):
    return shared.datastore_view(_item_view(row))


def _age(source):
    return {
        'inventory_at': times.shown(source.inventory_at),
        'inventory_age': times.age(source.inventory_at),
    }
