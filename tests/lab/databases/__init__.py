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
"""The part ``databases``: MariaDB, PostgreSQL and RabbitMQ.

The cloud needs the first and the last of them; functional tests use all
three without the cloud.
"""

import shutil

from tests.lab import daemons
from tests.lab import install as installation
from tests.lab import phases
from tests.lab import settings
from tests.lab.databases import mariadb
from tests.lab.databases import postgresql
from tests.lab.databases import rabbitmq

SERVERS = {
    'mariadb': mariadb,
    'postgresql': postgresql,
    'rabbitmq': rabbitmq,
}


def install():
    """Install the servers' packages."""
    installation.packages(('test',))


def up(names=tuple(SERVERS)):
    """Start the servers of ``names`` and make their accounts."""
    with phases.phase('databases and message bus') as remark:
        servers = [SERVERS[name] for name in names]
        started = [server.start() for server in servers]
        for server in servers:
            server.prepare()
        remark(f'{sum(started)} of {len(names)} started')


def down(purge=False):
    """Stop the servers; with ``purge`` forget their data."""
    daemons.terminate(
        daemon for server in SERVERS.values() for daemon in server.DAEMONS
    )
    for server in SERVERS.values():
        if purge:
            shutil.rmtree(server.FOLDER, ignore_errors=True)


def status():
    """Yield (daemon, alive, where) for each daemon of this part."""
    for server in SERVERS.values():
        for daemon in server.DAEMONS:
            port = settings.PORTS[daemon.name]
            yield daemon.name, daemon.alive(), f'{settings.HOST}:{port}'


def summary():
    """Return the lines that ``up`` ends with."""
    return [
        f'MariaDB     {settings.TEST_MYSQL_URL}',
        f'PostgreSQL  {settings.TEST_POSTGRESQL_URL}',
        f'RabbitMQ    {settings.TEST_RABBIT_URL}',
    ]
