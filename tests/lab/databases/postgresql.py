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
"""The lab's PostgreSQL server, for tests of the database layer."""

import pathlib
import shutil

from tests.lab import commands
from tests.lab import daemons
from tests.lab import settings

PORT = settings.PORTS['postgresql']
FOLDER = settings.LAB / 'databases' / 'postgresql'
DATA = FOLDER / 'data'
USER = 'postgres'


def _program(name):
    """Return Debian's path of ``name``, of the newest major version."""
    found = sorted(pathlib.Path('/usr/lib/postgresql').glob(f'*/bin/{name}'))
    return found[-1] if found else pathlib.Path(name)


DAEMON = daemons.Daemon(
    name='postgresql',
    argv=(
        _program('postgres'), '-D', DATA, '-p', PORT,
        '-c', f'listen_addresses={settings.HOST}',
        '-c', f'unix_socket_directories={DATA}',
        '-c', 'fsync=off', '-c', 'full_page_writes=off',
        '-c', 'synchronous_commit=off', '-c', 'shared_buffers=32MB',
        '-c', 'max_connections=100',
    ),
    run=settings.LAB / 'databases' / 'run',
    log=settings.LOG,
    user=USER,
)  # fmt: skip
DAEMONS = (DAEMON,)


def start():
    """Start the server; tell whether it had to be started."""
    if not (DATA / 'PG_VERSION').exists():
        _initialise()
    return DAEMON.start()


def _initialise():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    shutil.chown(FOLDER, USER, USER)
    _as_user(
        _program('initdb'), '-D', DATA, '--auth-local', 'trust',
        '--auth-host', 'scram-sha-256', '--encoding', 'UTF8', '--locale',
        'C.UTF-8', '--no-sync',
        log=settings.LOG / 'postgresql-install.log',
    )  # fmt: skip


def prepare():
    """Wait for the server and make the account of tests."""
    daemons.wait_for('PostgreSQL', _answers, 60, DAEMON)
    name = settings.CITEST
    if not _query(f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'"):
        _query(f"CREATE ROLE {name} LOGIN SUPERUSER PASSWORD '{name}'")
    if not _query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        _query(f'CREATE DATABASE {name} OWNER {name}')


def _query(sql):
    return _as_user(
        _program('psql'), '-h', DATA, '-p', PORT, '-d', 'postgres', '-qAt',
        stdin=sql,
    ).strip()  # fmt: skip


def _answers():
    try:
        _query('SELECT 1')
    except commands.CommandFailed:
        return False
    return True


def _as_user(*argv, **options):
    return commands.run(
        'setpriv', '--reuid', USER, '--regid', USER, '--init-groups', *argv,
        cwd='/', **options,
    )  # fmt: skip
