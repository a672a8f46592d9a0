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
"""The cloud's databases: made by its own tools once, then restored.

Eight ``*-manage`` runs cost about half a minute of processor time. Their
result is kept in ``$LAB/cache`` as one dump for each set of package
versions. It holds keys and password hashes of a throw-away cloud: it is
made on each machine and never shipped.
"""

import concurrent.futures
import gzip
import hashlib
import shutil
import tarfile

from tests.lab import commands
from tests.lab import settings
from tests.lab.cloud import layout
from tests.lab.databases import mariadb

READY = layout.DATA / 'schema-ready'
KEYS = ('fernet-keys', 'credential-keys')
PACKAGES = ('keystone', 'glance', 'placement', 'nova', 'neutron', 'cinder')


def prepare():
    """Bring the databases to the state after db sync; say how."""
    if READY.exists() and mariadb.execute("SHOW DATABASES LIKE 'keystone'"):
        return 'kept'
    READY.unlink(missing_ok=True)
    dump = settings.CACHE / f'schema-{_key()}.sql.gz'
    keys = dump.with_suffix('').with_suffix('.keys.tar')
    mariadb.execute(
        ''.join(
            f'DROP DATABASE IF EXISTS `{name}`;'
            + mariadb.create_database(name, user, settings.PASSWORD)
            for name, user in layout.DATABASES.items()
        )
    )
    cached = dump.exists() and keys.exists()
    if cached:
        _restore(dump, keys)
    else:
        _synchronise()
        _save(dump, keys)
    READY.touch()
    return 'from cache' if cached else 'made'


def _key():
    """Name what the dump depends on: versions, ports, passwords, us."""
    versions = [
        path.name
        for name in PACKAGES
        for path in layout.VENV.glob(
            f'lib/python3*/site-packages/*{name}-[0-9]*.dist-info'
        )
    ]
    facts = [*sorted(versions), str(settings.PORTS), settings.PASSWORD]
    return hashlib.sha256('\n'.join(facts).encode()).hexdigest()[:12]


def _restore(dump, keys):
    with gzip.open(dump, 'rt') as text:
        mariadb.execute(text.read())
    with tarfile.open(keys) as archive:
        archive.extractall(layout.ETC / 'keystone')


def _save(dump, keys):
    settings.CACHE.mkdir(parents=True, exist_ok=True)
    text = commands.run(
        'mariadb-dump', '--no-defaults', '--socket', mariadb.SOCKET,
        '--user', 'root', '--databases', *layout.DATABASES,
    )  # fmt: skip
    with tarfile.open(keys, 'w') as archive:
        for name in KEYS:
            archive.add(layout.ETC / 'keystone' / name, name)
    keys.chmod(0o600)
    with gzip.open(dump, 'wt', compresslevel=1) as output:
        output.write(text)
    dump.chmod(0o600)


def _synchronise():
    """Run the tools of all services, on two processors."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        works = [pool.submit(work) for work in (_keystone_glance, _nova)]
        works += [pool.submit(work) for work in (_cinder, _neutron)]
        for work in works:
            work.result()


def _manage(tool, service, *argv, env=None):
    commands.run(
        layout.BIN / tool, '--config-file', layout.config(service), *argv,
        log=layout.LOG / f'sync-{service}.log', env=layout.ENV | (env or {}),
    )  # fmt: skip


def _keystone_glance():
    for name in KEYS:
        folder = layout.ETC / 'keystone' / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
    user = ('--keystone-user', 'root', '--keystone-group', 'root')
    _manage('keystone-manage', 'keystone', 'db_sync')
    _manage('keystone-manage', 'keystone', 'fernet_setup', *user)
    _manage('keystone-manage', 'keystone', 'credential_setup', *user)
    _manage(
        'keystone-manage', 'keystone', 'bootstrap',
        '--bootstrap-service-name', 'keystone',
        '--bootstrap-region-id', settings.REGION,
        '--bootstrap-admin-url', settings.AUTH_URL,
        '--bootstrap-internal-url', settings.AUTH_URL,
        '--bootstrap-public-url', settings.AUTH_URL,
        env={'OS_BOOTSTRAP_PASSWORD': settings.PASSWORD},
    )  # fmt: skip
    _manage('glance-manage', 'glance', 'db_sync')
    _manage('placement-manage', 'placement', 'db', 'sync')


def _nova():
    _manage('nova-manage', 'nova', 'api_db', 'sync')
    _manage(
        'nova-manage', 'nova', 'cell_v2', 'map_cell0',
        '--database_connection', settings.mysql_url('nova', 'nova_cell0'),
    )  # fmt: skip
    _manage('nova-manage', 'nova', 'cell_v2', 'create_cell', '--name=cell1')
    _manage('nova-manage', 'nova', 'db', 'sync')


def _cinder():
    _manage('cinder-manage', 'cinder', 'db', 'sync')


def _neutron():
    _manage('neutron-db-manage', 'neutron', 'upgrade', 'heads')
