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

"""``migrate-conductor``: decides what comes next."""

import sys

from migrate_service import rpc
from migrate_service.cmd import daemon
from migrate_service.conductor import manager
from migrate_service.db import api as db


def make_manager(conf, bus):
    """Return the manager of one process, with a database of its own."""
    db.configure(conf)
    return manager.ConductorManager(conf, bus)


def main():
    return daemon.run(
        'migrate-conductor',
        sys.argv[1:],
        rpc.CONDUCTOR_TOPIC,
        make_manager,
        workers=lambda conf: conf.conductor.workers,
    )


if __name__ == '__main__':
    sys.exit(main())
