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
"""The lab's RabbitMQ server, with its own epmd so that none is left over."""

import base64
import hashlib
import json
import os

from tests.lab import daemons
from tests.lab import settings

PORT = settings.PORTS['rabbitmq']
FOLDER = settings.LAB / 'databases' / 'rabbitmq'
RUN = settings.LAB / 'databases' / 'run'
CONFIG = FOLDER / 'rabbitmq.conf'
DEFINITIONS = FOLDER / 'definitions.json'

#: user: virtual host
ACCOUNTS = {'openstack': '/', 'migrate': 'migrate', 'test': 'test'}

EPMD = daemons.Daemon(
    name='epmd',
    argv=(
        '/usr/bin/epmd', '-address', settings.HOST,
        '-port', settings.PORTS['epmd'],
    ),
    run=RUN,
    log=settings.LOG,
    stop_seconds=1,
)  # fmt: skip
DAEMON = daemons.Daemon(
    name='rabbitmq',
    # The packaged wrapper of this program changes the user; this does not.
    argv=('/usr/lib/rabbitmq/bin/rabbitmq-server',),
    env={
        'HOME': FOLDER,
        'ERL_EPMD_ADDRESS': settings.HOST,
        'ERL_EPMD_PORT': settings.PORTS['epmd'],
        'RABBITMQ_NODENAME': 'migrate-lab@localhost',
        'RABBITMQ_DIST_PORT': settings.PORTS['rabbitmq-distribution'],
        'RABBITMQ_CONFIG_FILE': CONFIG,
        'RABBITMQ_MNESIA_BASE': FOLDER / 'mnesia',
        'RABBITMQ_LOG_BASE': FOLDER / 'log',
        'RABBITMQ_ENABLED_PLUGINS_FILE': FOLDER / 'enabled_plugins',
        # One scheduler, and no busy waiting of it: an idle lab is idle.
        'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS': (
            '+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none'
        ),
    },
    run=RUN,
    log=settings.LOG,
    stop_seconds=30,
)
DAEMONS = (DAEMON, EPMD)

OPTIONS = f"""\
listeners.tcp.1 = {settings.HOST}:{PORT}
load_definitions = {DEFINITIONS}
distribution.listener.interface = {settings.HOST}
log.console = false
log.file.level = warning
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 200MB
"""


def start():
    """Start the server; tell whether it had to be started."""
    (FOLDER / 'log').mkdir(parents=True, exist_ok=True)
    (FOLDER / 'enabled_plugins').write_text('[].\n')
    CONFIG.write_text(OPTIONS)
    if not DEFINITIONS.exists():
        DEFINITIONS.write_text(json.dumps(_definitions(), indent=1))
    EPMD.start()
    daemons.wait_for(
        'epmd', lambda: daemons.listening(settings.PORTS['epmd']), 10, EPMD
    )
    return DAEMON.start()


def prepare():
    """Wait for the server; it reads its accounts by itself."""
    daemons.wait_for('RabbitMQ', lambda: daemons.listening(PORT), 90, DAEMON)


def _definitions():
    return {
        'users': [
            {
                'name': user,
                'password_hash': _hash(settings.PASSWORD),
                'hashing_algorithm': 'rabbit_password_hashing_sha256',
                'tags': '',
            }
            for user in ACCOUNTS
        ],
        'vhosts': [{'name': vhost} for vhost in ACCOUNTS.values()],
        'permissions': [
            {
                'user': user,
                'vhost': vhost,
                'configure': '.*',
                'write': '.*',
                'read': '.*',
            }
            for user, vhost in ACCOUNTS.items()
        ],
    }


def _hash(password):
    """Return RabbitMQ's salted hash: base64(salt + sha256(salt + text))."""
    salt = os.urandom(4)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return base64.b64encode(salt + digest).decode()
