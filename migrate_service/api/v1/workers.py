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

"""Controllers of workers, for administrators."""

import datetime

import flask

from migrate_service.api import access
from migrate_service.api import paging
from migrate_service.api import services
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import workers as schemas
from migrate_service.db import models
from migrate_service.db.api import workers as workers_db
from migrate_service.policies import workers as policies

blueprint = flask.Blueprint('workers', __name__)


@blueprint.get('/workers')
@validation.request_query(schemas.index_request_query)
@validation.response_body(schemas.index_response_body)
def index(query):
    """List the workers."""
    access.authorize(policies.LIST)
    page = paging.page(query, 'name')
    rows = workers_db.page(flask.g.context, paging.filters(query), page)
    return paging.body('workers', rows, _view, page, identity='name')


@blueprint.get('/workers/<name>')
@validation.response_body(schemas.show_response_body)
def show(name):
    """Show a worker."""
    access.authorize(policies.SHOW)
    return {'worker': _view(workers_db.get(flask.g.context, name))}


@blueprint.patch('/workers/<name>')
@validation.request_body(schemas.update_request_body)
@validation.response_body(schemas.show_response_body)
def update(body, name):
    """Enable, disable or drain a worker."""
    access.authorize(policies.UPDATE)
    worker = workers_db.change(flask.g.context, name, body['worker'])
    services.current().waker.wake()
    return {'worker': _view(worker)}


def _alive(worker):
    seconds = services.current().conf.conductor.worker_down_after
    limit = models.now() - datetime.timedelta(seconds=seconds)
    return worker.last_seen_at is not None and worker.last_seen_at > limit


def _view(worker):
    shown = (
        'name',
        'state',
        'reason',
        'version',
        'slots',
        'used',
        'load',
        'transports',
    )
    return {name: getattr(worker, name) for name in shown} | {
        'alive': _alive(worker),
        'facts': worker.facts or {},
        'last_seen_at': times.shown(worker.last_seen_at),
        'created_at': times.shown(worker.created_at),
        'updated_at': times.shown(worker.updated_at),
    }
