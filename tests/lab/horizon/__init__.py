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

"""Horizon with the Migrate tab, against the lab's cloud and service.

It has an environment of its own, in which Migrate is installed as an
operator would: the package, its ``enabled`` and ``local_settings.d`` files,
``collectstatic`` and ``compress``.
"""

import hashlib
import pathlib
import shutil

from tests.lab import commands
from tests.lab import daemons
from tests.lab import install as environment
from tests.lab import phases
from tests.lab import settings

FOLDER = settings.LAB / 'horizon'
VENV = FOLDER / 'venv'
PLUGIN = settings.CHECKOUT / 'migrate_dashboard'
HERE = pathlib.Path(__file__).parent
#: Beside the package itself, as they were seen to work together; pytest and
#: playwright are for the tests of panels and in a browser.
REQUIREMENTS = (
    'axe-playwright-python==0.1.8',
    'django==5.2.19',
    'gunicorn==27.0.1',
    'horizon==27.0.0',
    'playwright==1.65.2',
    'pytest',
    'pytest-django==4.14.0',
    'requests-mock',
    'whitenoise==6.12.0',
)


def install():
    """Make Horizon's environment and put the plugin into it."""
    with phases.phase('Horizon: Debian packages') as remark:
        remark(f'{environment.packages(("horizon",))} installed')
    with phases.phase("Horizon's environment"):
        make_environment()


def make_environment():
    """Install Horizon, Migrate and what tests of panels need."""
    checkout = settings.CHECKOUT
    inputs = [checkout / 'pyproject.toml', checkout / 'requirements.txt']
    environment.environment(
        VENV,
        ('--editable', f'{checkout}[dashboard]', *REQUIREMENTS),
        inputs,
    )


def up(theme='default'):
    """Plug Migrate in, build the static files if need be, and start."""
    with phases.phase('Horizon: plugin, static files') as remark:
        plug()
        remark('built' if build(theme) else 'current')
    with phases.phase('Horizon: web server'):
        server(theme).start()
        daemons.wait_for(
            'Horizon',
            lambda: daemons.answers(settings.url('horizon', '/auth/login/')),
            daemon=server(theme),
        )


def plug():
    """Do what an operator does after ``pip install``."""
    local = _local()
    (FOLDER / 'sessions').mkdir(mode=0o700, exist_ok=True)
    shutil.copy(HERE / 'etc' / 'local_settings.py', local)
    for kind in ('enabled', 'local_settings.d'):
        for old in (local / kind).glob('_24*_migrate*.py'):
            old.unlink()
        for path in (PLUGIN / kind).glob('_24*.py'):
            shutil.copy(path, local / kind)


def unplug():
    """Take Migrate out of Horizon again."""
    for kind in ('enabled', 'local_settings.d'):
        for path in (_local() / kind).glob('_24*_migrate*.py'):
            path.unlink()


def _local():
    (found,) = VENV.glob('lib/python3*/site-packages/openstack_dashboard')
    return found / 'local'


def build(theme):
    """Collect and compress static files; tell whether it was needed."""
    stamp = FOLDER / f'static-{theme}' / 'lab-stamp'
    key = _fingerprint(theme)
    if stamp.exists() and stamp.read_text() == key:
        return False
    manage(theme, 'collectstatic', '--noinput')
    manage(theme, 'compress', '--force')
    stamp.write_text(key)
    return True


def _fingerprint(theme):
    parts = [(VENV / 'lab-stamp').read_bytes(), theme.encode()]
    for folder in ('static', 'templates', 'enabled'):
        for path in sorted((PLUGIN / folder).rglob('*.*')):
            if path.is_file() and '__pycache__' not in path.parts:
                parts += [path.name.encode(), path.read_bytes()]
    return hashlib.sha256(b'\0'.join(parts)).hexdigest()


def manage(theme, *arguments):
    """Run a command of Django with Horizon's settings."""
    commands.run(
        VENV / 'bin' / 'python',
        '-W',
        'ignore',
        '-m',
        'django',
        *arguments,
        '--settings=openstack_dashboard.settings',
        env=_variables(theme),
        log=settings.LOG / 'horizon-manage.log',
    )


def _variables(theme):
    return {
        'MIGRATE_LAB_HORIZON': str(FOLDER),
        'MIGRATE_LAB_KEYSTONE': settings.AUTH_URL,
        'MIGRATE_LAB_THEME': theme,
    }


def server(theme='default'):
    """Return the daemon that serves Horizon."""
    return daemons.Daemon(
        'horizon',
        (
            VENV / 'bin' / 'gunicorn',
            '--no-control-socket',
            f'--bind={settings.HOST}:{settings.PORTS["horizon"]}',
            '--workers=1',
            '--threads=8',
            '--timeout=120',
            'tests.lab.horizon.wsgi:application',
        ),
        run=FOLDER / 'run',
        log=settings.LOG,
        env={
            'DJANGO_SETTINGS_MODULE': 'openstack_dashboard.settings',
            'PYTHONPATH': settings.CHECKOUT,
            'PYTHONWARNINGS': 'ignore',
            **_variables(theme),
        },
    )


def down(purge=False):
    """Stop Horizon; with ``purge`` forget sessions and static files."""
    server().stop()
    if purge:
        for name in ('sessions', 'cache', 'run'):
            shutil.rmtree(FOLDER / name, ignore_errors=True)
        for path in FOLDER.glob('static-*'):
            shutil.rmtree(path, ignore_errors=True)


def status():
    """Yield ``(name, alive, where)`` of the server."""
    yield 'horizon', server().alive(), settings.url('horizon')


def summary():
    """Return what to tell at the end of ``up``."""
    return [
        f'Horizon:  {settings.url("horizon")} as member-a, '
        f'password {settings.PASSWORD}'
    ]
