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
"""A DevStack that has everything but Migrate: the lab's cloud.

Its ``localrc``, ``clouds.yaml`` and web server lie in one folder;
``devstack.sh`` runs the plugin's phases on them.
"""

import json
import os
import pathlib
import shlex
import shutil
import subprocess

from tests.lab import appliance
from tests.lab import settings

HERE = pathlib.Path(__file__).parent
FOLDER = settings.LAB / 'devstack'
DATA = FOLDER / 'data'
ETC = FOLDER / 'etc'
STATUS = FOLDER / 'status'
APACHE = FOLDER / 'apache'
SITES = APACHE / 'sites'
CLOUDS = FOLDER / 'clouds.yaml'
LOCALRC = FOLDER / 'localrc'
SIMULATOR = DATA / 'migrate-vcenter'
PORT = 15982
SIMULATOR_PORT = 16444
#: The accounts of DevStack, and who of the lab has their roles.
ACCOUNTS = {
    'devstack-admin': 'admin',
    'devstack-admin-demo': 'manager-a',
    'devstack': 'member-a',
}

MODULES = ('mpm_event', 'authz_core', 'proxy', 'proxy_uwsgi')
APACHE_CONF = f"""\
ServerRoot {APACHE}
ServerName {settings.HOST}
Listen {settings.HOST}:{PORT}
PidFile {APACHE}/apache.pid
ErrorLog {APACHE}/error.log
DefaultRuntimeDir {APACHE}
User www-data
Group www-data
IncludeOptional {SITES}/*.conf
"""


class PhaseFailed(Exception):
    """A phase of the plugin ended with an error."""


def localrc():
    """Return what the user, stackrc and the libraries of DevStack set."""
    kernel = appliance.environment()
    # The worker finds out by itself that KVM is of no use.
    kernel.pop('LIBGUESTFS_BACKEND_SETTINGS')
    return kernel | {
        'PATH': f'{settings.VENV}/bin:{os.environ["PATH"]}',
        'PYTHON': settings.VENV / 'bin' / 'python3',
        'OS_CLIENT_CONFIG_FILE': CLOUDS,
        'DEST': FOLDER / 'dest',
        'DATA_DIR': DATA,
        'SERVICE_DIR': STATUS,
        'STACK_USER': 'root',
        'ENABLED_SERVICES': 'key,n-cpu,c-vol,tempest',
        'API_WORKERS': 1,
        'SERVICE_TIMEOUT': 90,
        'ENABLE_DEBUG_LOG_LEVEL': True,
        'HOST_IP': settings.HOST,
        'SERVICE_PROTOCOL': 'http',
        'SERVICE_HOST': f'{settings.HOST}:{PORT}',
        'SERVICE_PASSWORD': settings.PASSWORD,
        'SERVICE_DOMAIN_NAME': 'Default',
        'SERVICE_PROJECT_NAME': 'service',
        'REGION_NAME': settings.REGION,
        'KEYSTONE_SERVICE_URI': settings.url('keystone'),
        'RABBIT_URL': settings.MIGRATE_RABBIT_URL,
        'DATABASE_HOST': settings.HOST,
        'DATABASE_PORT': settings.PORTS['mariadb'],
        'DATABASE_USER': settings.CITEST,
        'DATABASE_PASSWORD': settings.CITEST,
        'APACHE_CONF_DIR': SITES,
        'TEMPEST_CONFIG': FOLDER / 'tempest.conf',
        # What a user of the plugin may set.
        'MIGRATE_DIR': settings.CHECKOUT,
        'MIGRATE_CONF_DIR': ETC,
        'MIGRATE_DATABASE': 'migrate_devstack',
        'MIGRATE_WORKER_SLOTS': 2,
        'MIGRATE_SIMULATED_SOURCE': True,
        'MIGRATE_SIMULATOR_PORT': SIMULATOR_PORT,
        'MIGRATE_SIMULATOR_MACHINES': 'tiny-1',
    }


def apache_modules():
    """Return the lines that load what our web server needs."""
    return ''.join(
        f'LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n'
        for name in MODULES
    )


def release():
    """Unmount what the worker of a run that was killed left mounted."""
    for line in pathlib.Path('/proc/self/mounts').read_text().splitlines():
        mounted = line.split()[1]
        if mounted.startswith(f'{FOLDER}/'):
            subprocess.run(['umount', mounted], check=True)


def make(**changes):
    """Make the folder anew; ``changes`` are made to the localrc."""
    release()
    shutil.rmtree(FOLDER, ignore_errors=True)
    for folder in (DATA, STATUS, SITES):
        folder.mkdir(parents=True)
    values = localrc() | changes
    LOCALRC.write_text(
        ''.join(f'{k}={shlex.quote(str(v))}\n' for k, v in values.items())
    )
    (APACHE / 'apache.conf').write_text(apache_modules() + APACHE_CONF)
    clouds = json.loads(settings.CLOUDS_YAML.read_text())['clouds']
    ours = {name: clouds[user] for name, user in ACCOUNTS.items()}
    CLOUDS.write_text(json.dumps({'clouds': ours}))


def borrow_simulator():
    """Give the simulator what the lab has built already."""
    SIMULATOR.mkdir()
    for folder in (settings.CACHE, settings.TOOLS):
        (SIMULATOR / folder.name).symlink_to(folder)


def run(mode):
    """Run ``stack``, ``unstack`` or ``clean``; return what was printed.

    :raises PhaseFailed: with the end of what was printed.
    """
    done = subprocess.run(
        ['bash', HERE / 'devstack.sh', LOCALRC, mode],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    (FOLDER / f'{mode}.log').write_text(done.stdout)
    if done.returncode:
        raise PhaseFailed(f'{mode}: {done.stdout[-4000:]}')
    return done.stdout


def openstack(cloud, *arguments):
    """Run ``openstack`` with an entry of clouds.yaml; return its JSON."""
    text = subprocess.run(
        [
            settings.VENV / 'bin' / 'openstack',
            *('--os-cloud', cloud),
            *arguments,
            *('-f', 'json'),
        ],
        env=os.environ | {'OS_CLIENT_CONFIG_FILE': str(CLOUDS)},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return json.loads(text)


def processes():
    """Return the command lines of processes that the plugin started."""
    found = []
    for entry in pathlib.Path('/proc').iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / 'cmdline').read_bytes().decode().split('\0')
        except (FileNotFoundError, ProcessLookupError):
            continue
        line = ' '.join(words)
        if str(FOLDER) in line and 'apache2' not in words[0]:
            found.append(line)
    return sorted(found)


def files():
    """Return what lies in the folders that the plugin may write to."""
    roots = (DATA, ETC, SITES)
    return sorted(
        str(path)
        for root in roots
        for path in [root, *root.rglob('*')]
        if path.exists()
    )


def stop_web_server():
    """Stop the stand-in's own Apache, and wait for its end."""
    if (APACHE / 'apache.pid').exists():
        command = ['apache2', '-f', APACHE / 'apache.conf', '-k', 'stop']
        subprocess.run(command, check=False)
