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
"""Migrate itself in the lab: API, a conductor, two workers.

The two workers are two conversion nodes on one machine, so that one can be
killed and the other goes on. They run ``tests.lab.service.node``, the real
worker with doors at which a scenario can stop it.
"""

import pathlib
import shutil

from tests.lab import appliance
from tests.lab import commands
from tests.lab import daemons
from tests.lab import install as environment
from tests.lab import phases
from tests.lab import settings
from tests.lab.service import config

NODES = ('node-1', 'node-2')
RUN = config.FOLDER / 'run'


def install():
    """Nothing of its own: the environment of Migrate is the foundation."""


def api():
    """Return the daemon that serves the API."""
    return daemons.Daemon(
        'migrate-api',
        (
            settings.VENV / 'bin' / 'uwsgi',
            '--master',
            '--die-on-term',
            '--need-app',
            '--lazy-apps',
            '--enable-threads',
            '--processes=1',
            '--threads=8',
            '--buffer-size=65535',
            '--http-auto-chunked',
            '--http-chunked-input',
            '--add-header=Connection: close',
            f'--http-socket={settings.HOST}:{settings.PORTS["migrate"]}',
            '--module=migrate_service.wsgi.api:application',
        ),
        run=RUN,
        log=settings.LOG,
        env={
            'PATH': f'{settings.VENV}/bin:/usr/sbin:/usr/bin:/sbin:/bin',
            'MIGRATE_CONFIG_FILES': config.path('api'),
        },
    )


def conductor():
    """Return the daemon that keeps status and leases."""
    return daemons.Daemon(
        'migrate-conductor',
        (
            settings.VENV / 'bin' / 'migrate-conductor',
            '--config-file',
            config.path('conductor'),
        ),
        run=RUN,
        log=settings.LOG,
    )


def node(name):
    """Return the daemon of a conversion node."""
    return daemons.Daemon(
        f'migrate-worker-{name}',
        (
            settings.VENV / 'bin' / 'python',
            '-m',
            'tests.lab.service.node',
            '--config-file',
            config.path(name),
        ),
        run=RUN,
        log=settings.LOG,
        env={
            'PATH': f'{settings.VENV}/bin:/usr/sbin:/usr/bin:/sbin:/bin',
            'PYTHONPATH': settings.CHECKOUT,
            **_appliance(),
        },
        stop_seconds=30,
    )


def _appliance():
    """Return where libguestfs finds its kernel, not how it is run.

    The worker finds out by itself that KVM is of no use.
    """
    variables = appliance.environment()
    variables.pop('LIBGUESTFS_BACKEND_SETTINGS')
    return variables


def all_daemons():
    """Return the daemons in the order they start."""
    return [api(), conductor(), *map(node, NODES)]


def up():
    """Prepare the database and start what does not run."""
    with phases.phase('Migrate: configuration, database'):
        config.write(('api', 'conductor', *NODES))
        manage('db', 'sync')
        if not any(config.KEYS.iterdir()):
            manage('secrets', 'create-key')
    with phases.phase('Migrate: API, conductor, workers') as remark:
        started = [one.name for one in all_daemons() if one.start()]
        remark(f'{len(started)} started')
        daemons.wait_for(
            'the API of Migrate',
            lambda: daemons.answers(settings.url('migrate', '/healthcheck')),
            daemon=api(),
        )


def manage(*arguments):
    """Run ``migrate-manage`` with the API's configuration."""
    commands.run(
        settings.VENV / 'bin' / 'migrate-manage',
        '--config-file',
        config.path('api'),
        *arguments,
        log=settings.LOG / 'migrate-manage.log',
    )


def down(purge=False):
    """Stop API, conductor and workers; with ``purge`` forget their files."""
    daemons.terminate(all_daemons())
    release()
    if purge:
        shutil.rmtree(config.FOLDER, ignore_errors=True)


def release():
    """Unmount what os-brick mounted for the nodes and leaves mounted."""
    for line in pathlib.Path('/proc/self/mounts').read_text().splitlines():
        mounted = line.split()[1]
        if mounted.startswith(f'{config.FOLDER}/'):
            commands.run('umount', mounted)


def status():
    """Yield ``(name, alive, where)`` of each daemon."""
    for one in all_daemons():
        where = settings.MIGRATE_URL if one.name == 'migrate-api' else ''
        yield one.name, one.alive(), where


def summary():
    """Return what to tell at the end of ``up``."""
    return [
        f'Migrate:  {settings.MIGRATE_URL}',
        'as a user: eval "$(tools/lab env member-a)"; '
        'openstack migration list',
        f'one move: {environment.settings.CHECKOUT}/tools/lab migrate',
    ]
