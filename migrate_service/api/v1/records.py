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

"""Controllers of what a migration leaves: events, log, manifest."""

import flask

from migrate_service import grant_errors
from migrate_service.api import access
from migrate_service.api import paging
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import records as schemas
from migrate_service.api.v1 import migrations
from migrate_service.db.api import events as events_db
from migrate_service.db.api import logs as logs_db
from migrate_service.db.api import manifests as manifests_db
from migrate_service.policies import migrations as policies

blueprint = flask.Blueprint('records', __name__)

#: As the workers record them.
ALGORITHM = 'blake3'
REGION_SIZE = 4 * 1024 * 1024
CHUNK_REGIONS = 1024
HASH_SIZE = 32
UNKNOWN = bytes(HASH_SIZE)


@blueprint.get('/migrations/<migration_id>/events')
@validation.request_query(schemas.events_request_query)
@validation.response_body(schemas.events_response_body)
def events(migration_id, query):
    """List the events of a migration, oldest first."""
    migration = migrations.fetch(migration_id, policies.EVENTS)
    page = paging.numbered(query)
    rows = events_db.page(flask.g.context, migration_id, page)
    sees = access.allows(policies.SHOW_WORKER, migration.project_id)
    censor = migrations.censor_of(migration)
    return paging.body(
        'events', rows, lambda row: _event_view(row, sees, censor), page
    )


@blueprint.get('/migrations/<migration_id>/log')
@validation.request_query(schemas.log_request_query)
@validation.response_body(schemas.log_response_body)
def log(migration_id, query):
    """List the pieces of the logs of the tools, oldest first."""
    migration = migrations.fetch(migration_id, policies.LOG)
    if migrations.censor_of(migration):
        raise grant_errors.NotShown(what='the logs of the tools')
    page = paging.numbered(query)
    rows = logs_db.page(
        flask.g.context, migration_id, paging.filters(query), page
    )
    return paging.body('log', rows, _piece_view, page)


@blueprint.get('/migrations/<migration_id>/manifest')
@validation.request_query(schemas.manifest_request_query)
@validation.response_body(schemas.manifest_response_body)
def manifest(migration_id, query):
    """Show the hashes of what was read from the disks."""
    migrations.fetch(migration_id, policies.MANIFEST)
    chunks = manifests_db.chunks(
        flask.g.context, migration_id, query.get('disk')
    )
    disks: dict[str, list] = {}
    for chunk in chunks:
        _place(disks.setdefault(chunk.disk, []), chunk)
    return {
        'manifest': {
            'algorithm': ALGORITHM,
            'region_size': REGION_SIZE,
            'disks': [
                {'key': key, 'hashes': hashes} for key, hashes in disks.items()
            ],
        }
    }


def _place(hashes, chunk):
    """Append a chunk's hashes at their place; unknown ones are null."""
    missing = chunk.chunk * CHUNK_REGIONS - len(hashes)
    hashes.extend([None] * missing)
    data = chunk.hashes
    for at in range(0, len(data), HASH_SIZE):
        value = data[at : at + HASH_SIZE]
        hashes.append(None if value == UNKNOWN else value.hex())


def _event_view(row, sees_worker, censor):
    shown = ('event', 'status', 'step', 'attempt', 'user_id')
    told = {'message': row.message, 'details': row.details or {}}
    if censor:
        told = censor.clean(told)
    return {name: getattr(row, name) for name in shown} | {
        'message': told['message'],
        'id': str(row.id),
        'worker': row.worker if sees_worker else None,
        'details': told['details'],
        'created_at': times.shown(row.created_at),
    }


def _piece_view(row):
    shown = ('step', 'tool', 'attempt', 'text')
    return {name: getattr(row, name) for name in shown} | {
        'id': str(row.id),
        'created_at': times.shown(row.created_at),
    }
