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

"""What controllers need beside the request: one set for each process."""

import dataclasses

import flask
from oslo_config import cfg

from migrate_service import limits
from migrate_service import policy
from migrate_service import secret_store
from migrate_service import trusts
from migrate_service.api import waker

KEY = 'migrate'


@dataclasses.dataclass(frozen=True, kw_only=True)
class Services:
    conf: cfg.ConfigOpts
    limits: limits.Limits
    policy: policy.Policy
    secrets: secret_store.SecretStore
    trusts: trusts.Trusts | trusts.NoTrusts
    waker: waker.Waker


def create(conf):
    """Return the services of a process with the configuration ``conf``."""
    return Services(
        conf=conf,
        limits=limits.Limits(conf),
        policy=policy.Policy(conf),
        secrets=secret_store.SecretStore(conf),
        trusts=trusts.for_strategy(conf),
        waker=waker.Waker(conf),
    )


def current():
    """Return the services of the application that handles the request."""
    return flask.current_app.extensions[KEY]
