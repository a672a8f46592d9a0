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

"""``migrate-status upgrade check``: whether an upgrade may go on."""

import sys

from oslo_config import cfg
from oslo_upgradecheck import upgradecheck

from migrate_service import conf as migrate_conf
from migrate_service import secret_store
from migrate_service.db import api as db
from migrate_service.db import migration


class Checks(upgradecheck.UpgradeCommands):
    """The checks, in the order they are shown."""

    def __init__(self, conf):
        self._conf = conf

    def _check_schema(self):
        db.configure(self._conf)
        present, newest = migration.version(), migration.newest()
        if present == newest:
            return _success()
        return _failure(
            f'The schema is at {present}, the code needs {newest}: run '
            '"migrate-manage db sync".'
        )

    def _check_keys(self):
        directory = self._conf.secrets.key_directory
        if self._conf.secrets.backend != 'fernet':
            return _success()
        try:
            if secret_store.key_files(directory):
                return _success()
            reason = 'holds no keys'
        except OSError as error:
            reason = error.strerror or str(error)
        return upgradecheck.Result(
            upgradecheck.Code.WARNING,
            f'{directory}: {reason}. API and worker nodes need keys: run '
            '"migrate-manage secrets create-key" once and copy them.',
        )

    def _check_leases(self):
        ttl = self._conf.conductor.lease_ttl
        interval = self._conf.worker.heartbeat_interval
        if ttl >= 4 * interval:
            return _success()
        return _failure(
            f'[conductor] lease_ttl ({ttl} s) must be at least four times '
            f'[worker] heartbeat_interval ({interval:g} s).'
        )

    _upgrade_checks = (
        ('Database schema', _check_schema),
        ('Keys of the secrets', _check_keys),
        ('Heartbeats and leases', _check_leases),
    )


def _success():
    return upgradecheck.Result(upgradecheck.Code.SUCCESS)


def _failure(details):
    return upgradecheck.Result(upgradecheck.Code.FAILURE, details)


def main():
    conf = cfg.ConfigOpts()
    migrate_conf.set_lib_defaults()
    migrate_conf.register_opts(conf)
    return upgradecheck.main(
        conf, project=migrate_conf.PROJECT, upgrade_command=Checks(conf)
    )


if __name__ == '__main__':
    sys.exit(main())
