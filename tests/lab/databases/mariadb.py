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
"""The lab's MariaDB server: private data, no durability, loopback."""

import shutil

from tests.lab import commands
from tests.lab import daemons
from tests.lab import settings

PORT = settings.PORTS['mariadb']
FOLDER = settings.LAB / 'databases' / 'mariadb'
DATA = FOLDER / 'data'
# MariaDB runs as its own user, which may write only to this folder.
SOCKET = DATA / 'mariadb.sock'
CONFIG = FOLDER / 'my.cnf'

DAEMON = daemons.Daemon(
    name='mariadb',
    argv=('/usr/sbin/mariadbd', f'--defaults-file={CONFIG}'),
    run=settings.LAB / 'databases' / 'run',
    log=settings.LOG,
)
DAEMONS = (DAEMON,)

OPTIONS = f"""\
[mariadbd]
datadir = {DATA}
socket = {SOCKET}
pid-file = {DATA}/mariadb.pid
port = {PORT}
bind-address = {settings.HOST}
user = mysql
skip-name-resolve
character-set-server = utf8mb4
collation-server = utf8mb4_general_ci
max_connections = 400
innodb_buffer_pool_size = 128M
innodb_log_file_size = 48M
innodb_flush_log_at_trx_commit = 0
innodb_flush_method = nosync
innodb_doublewrite = 0
performance_schema = OFF
"""


def start():
    """Start the server; tell whether it had to be started."""
    if not (DATA / 'mysql').exists():
        _initialise()
    return DAEMON.start()


def _initialise():
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    shutil.chown(DATA, 'mysql', 'mysql')
    CONFIG.write_text(OPTIONS)
    commands.run(
        'mariadb-install-db', f'--defaults-file={CONFIG}',
        '--auth-root-authentication-method=socket', '--skip-test-db',
        log=settings.LOG / 'mariadb-install.log',
    )  # fmt: skip


def prepare():
    """Wait for the server and make the accounts of Migrate and of tests."""
    daemons.wait_for('MariaDB', _answers, 60, DAEMON)
    execute(
        create_database('migrate', 'migrate', settings.PASSWORD)
        + create_database(settings.CITEST, settings.CITEST, settings.CITEST)
        + f"GRANT ALL ON *.* TO '{settings.CITEST}'@'%';"
    )


def create_database(name, user, password):
    """Return the SQL that ensures a database and its owner."""
    return (
        f'CREATE DATABASE IF NOT EXISTS `{name}`;'
        f"CREATE USER IF NOT EXISTS '{user}'@'%' IDENTIFIED BY '{password}';"
        f"GRANT ALL ON `{name}`.* TO '{user}'@'%';"
    )


def execute(sql):
    """Run SQL as root through the socket; return rows, tab separated."""
    return commands.run(
        'mariadb', '--no-defaults', '--socket', SOCKET, '--user', 'root',
        '--batch', '--skip-column-names', stdin=sql,
    )  # fmt: skip


def _answers():
    try:
        execute('SELECT 1')
    except commands.CommandFailed:
        return False
    return True
