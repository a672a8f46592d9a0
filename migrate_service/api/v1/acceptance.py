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

"""Controllers of what users decide of a server: accept it, or go back."""

import flask

from migrate_service.api import services
from migrate_service.api import validation
from migrate_service.api.schemas import acceptance as schemas
from migrate_service.api.schemas import migrations as migration_schemas
from migrate_service.api.v1 import migrations
from migrate_service.db import models
from migrate_service.db.api import acceptance as acceptance_db
from migrate_service.policies import migrations as policies

blueprint = flask.Blueprint('acceptance', __name__)


@blueprint.post('/migrations/<migration_id>/accept')
@validation.response_body(migration_schemas.show_response_body, 202)
def accept(migration_id):
    """Accept the server: the machine of the source stays off for good."""
    migrations.fetch(migration_id, policies.ACCEPT)
    acceptance_db.request_accept(flask.g.context, migration_id, models.now())
    return _told(migration_id, policies.ACCEPT)


@blueprint.post('/migrations/<migration_id>/rollback')
@validation.request_body(schemas.rollback_request_body)
@validation.response_body(migration_schemas.show_response_body, 202)
def rollback(body, migration_id):
    """Bring the source back instead of the server.

    A warm migration keeps its volumes as a replica and goes on with rounds
    unless told otherwise; a cold one keeps nothing unless told otherwise.
    """
    migration = migrations.fetch(migration_id, policies.ROLLBACK)
    usual = 'keep' if migration.kind == 'warm' else 'discard'
    replica = body['rollback'].get('replica') or usual
    acceptance_db.request_rollback(
        flask.g.context, migration_id, replica, models.now()
    )
    return _told(migration_id, policies.ROLLBACK)


def _told(migration_id, rule):
    services.current().waker.wake()
    return {'migration': migrations.view(migrations.fetch(migration_id, rule))}
