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

"""Controllers of rehearsals: test boots, and the evidence of them."""

import flask
from oslo_utils import uuidutils

from migrate_service import rehearsal_errors
from migrate_service.api import paging
from migrate_service.api import services
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import rehearsals as schemas
from migrate_service.api.v1 import migrations
from migrate_service.db import models
from migrate_service.db.api import rehearsals as rehearsals_db
from migrate_service.policies import rehearsals as policies

blueprint = flask.Blueprint('rehearsals', __name__)

TIMES = ('created_at', 'started_at', 'ended_at')


@blueprint.post('/migrations/<migration_id>/rehearse')
@validation.request_body(schemas.create_request_body)
@validation.response_body(schemas.show_response_body, 202)
def create(body, migration_id):
    """Ask for a test boot of clones on an isolated network."""
    migration = migrations.fetch(migration_id, policies.CREATE)
    migrations.require_warm(migration)
    if not migration.progress.get('rounds'):
        raise rehearsal_errors.RehearsalTooEarly(id=migration_id)
    chosen = {'network_id': None, 'probe': None} | body['rehearsal']
    _check_network(migration, chosen['network_id'])
    values = {
        'id': uuidutils.generate_uuid(),
        'migration_id': migration_id,
        'user_id': flask.g.context.user_id,
        'options': chosen,
    }
    row = rehearsals_db.request(flask.g.context, values, models.now())
    services.current().waker.wake()
    return {'rehearsal': _view(row, migration)}


@blueprint.get('/migrations/<migration_id>/rehearsals')
@validation.request_query(schemas.index_request_query)
@validation.response_body(schemas.index_response_body)
def index(migration_id, query):
    """List the rehearsals of a migration, oldest first."""
    migration = migrations.fetch(migration_id, policies.LIST)
    page = paging.page(query, 'created_at')
    rows = rehearsals_db.page(flask.g.context, migration_id, page)
    return paging.body(
        'rehearsals', rows, lambda row: _summary(row, migration), page
    )


@blueprint.get('/migrations/<migration_id>/rehearsals/<rehearsal_id>')
@validation.response_body(schemas.show_response_body)
def show(migration_id, rehearsal_id):
    """Show a rehearsal with the console of its guest."""
    migration = migrations.fetch(migration_id, policies.SHOW)
    row = rehearsals_db.get(flask.g.context, migration_id, rehearsal_id)
    return {'rehearsal': _view(row, migration)}


def _check_network(migration, network_id):
    """Refuse the network on which the machine itself is to arrive."""
    for entry in migration.options['networks']:
        if entry['network_id'] == network_id:
            raise rehearsal_errors.RehearsalNetworkInUse(network=network_id)


def _summary(row, migration):
    shown = ('id', 'migration_id', 'user_id', 'status', 'verdict')
    censor = migrations.censor_of(migration) if row.error else None
    view = {name: getattr(row, name) for name in shown}
    view |= {name: times.shown(getattr(row, name)) for name in TIMES}
    return view | {
        'error': censor.error(row.error) if censor else row.error,
        'network_id': row.options['network_id'],
        'probe': row.options['probe'],
        'result': row.result or {},
        'timings': row.timings or {},
    }


def _view(row, migration):
    return _summary(row, migration) | {'console': row.console}
