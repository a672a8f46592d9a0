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

"""The preparation of a guest that still runs at its source."""

import json

import flask
from oslo_log import log

from migrate_service import exceptions
from migrate_service import preparation_errors
from migrate_service.api import services
from migrate_service.api import validation
from migrate_service.api.schemas import preparations as schemas
from migrate_service.api.v1 import migrations
from migrate_service.db import models
from migrate_service.db.api import preparations as preparations_db
from migrate_service.policies import preparations as policies

LOG = log.getLogger(__name__)
blueprint = flask.Blueprint('preparations', __name__)


@blueprint.post('/migrations/<migration_id>/prepare')
@validation.request_body(schemas.prepare_request_body)
@validation.response_body(schemas.show_response_body, 202)
def prepare(body, migration_id):
    """Ask that the guest be made bootable here before the cutover.

    The credentials are kept encrypted until the step has ended, and shown
    to nobody. With ``revert`` an earlier preparation is taken back.
    """
    migration = migrations.fetch(migration_id, policies.PREPARE)
    migrations.require_warm(migration)
    _require_linux(migration)
    wish = body['prepare']
    _request(
        migration_id,
        'revert' if wish.get('revert') else 'prepare',
        {name: wish[name] for name in ('username', 'password')},
    )
    services.current().waker.wake()
    migration = migrations.fetch(migration_id, policies.PREPARE)
    return {'migration': migrations.view(migration)}


def _require_linux(migration):
    machine = migration.checkpoint.get('machine') or {}
    family = machine.get('guest_family', 'linux')
    if family != 'linux':
        raise preparation_errors.GuestNotLinux(
            machine=migration.machine_name, family=family
        )


def _request(migration_id, action, credentials):
    """Write the wish; what is refused leaves no secret behind."""
    secrets = services.current().secrets
    secret = secrets.store(json.dumps(credentials))
    try:
        preparations_db.request(
            flask.g.context,
            migration_id,
            action=action,
            secret=secret,
            now=models.now(),
        )
    except Exception:
        try:
            secrets.delete(secret)
        except exceptions.SecretsUnavailable as error:
            LOG.warning('A secret that is not used was left: %s', error)
        raise
