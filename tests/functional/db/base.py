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

"""The same tests on each database server that there is."""

import os
import uuid

import fixtures
import sqlalchemy as sa
import testtools
from oslo_config import cfg

from migrate_service import conf as migrate_conf
from migrate_service import context as migrate_context
from migrate_service.db import models
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import sources as sources_db
from tests import fixtures as migrate_fixtures

#: The environment variable with the URL of an administrator's database.
SERVERS = {
    'mysql': 'TEST_MYSQL_URL',
    'postgresql': 'TEST_POSTGRESQL_URL',
}


class Scratch(fixtures.Fixture):
    """An empty database that goes with the test; ``url`` is its URL."""

    def __init__(self, backend):
        super().__init__()
        self.backend = backend

    def _setUp(self):
        if self.backend == 'sqlite':
            folder = self.useFixture(fixtures.TempDir()).path
            self.url = f'sqlite:///{folder}/migrate.sqlite'
            return
        server = sa.make_url(os.environ[SERVERS[self.backend]])
        name = f'migrate_{uuid.uuid4().hex[:12]}'
        engine = sa.create_engine(server, isolation_level='AUTOCOMMIT')
        self.addCleanup(engine.dispose)
        self._execute(engine, f'CREATE DATABASE {name}')
        self.addCleanup(self._execute, engine, f'DROP DATABASE {name}')
        url = server.set(database=name)
        self.url = url.render_as_string(hide_password=False)

    def _execute(self, engine, statement):
        with engine.connect() as connection:
            connection.execute(sa.text(statement))


class TestCase(testtools.TestCase):
    """Has ``context``, and a database with the newest schema."""

    backend = 'sqlite'

    def setUp(self):
        super().setUp()
        name = SERVERS.get(self.backend)
        if name and not os.environ.get(name):
            self.skipTest(f'{name} is not set')
        self.url = self.useFixture(Scratch(self.backend)).url
        self.conf = cfg.ConfigOpts()
        migrate_conf.register_opts(self.conf)
        self.conf([], project='migrate', default_config_files=[])
        self.conf.set_override('connection', self.url, 'database')
        self.useFixture(migrate_fixtures.Database(self.conf))
        self.context = migrate_context.service_context()

    def create_source(self, **values):
        """Insert a source, free and ready, and return its row."""
        values = {
            'id': str(uuid.uuid4()),
            'project_id': 'project-a',
            'user_id': 'user-a',
            'name': 'vcenter',
            'driver': 'fake',
            'address': 'vcenter.test',
            'username': 'user',
            'secret': 'fernet:',
            'status': 'ready',
        } | values
        return sources_db.create(self.context, values)

    def create_migration(self, source, number=0, **values):
        """Insert a migration that may be claimed, and return its row."""
        values = {
            'id': str(uuid.uuid4()),
            'project_id': 'project-a',
            'user_id': 'user-a',
            'name': f'machine-{number}',
            'kind': 'cold',
            'source_id': source.id,
            'machine_id': f'vm-{number}',
            'machine_name': f'machine-{number}',
            'in_use': f'{source.id}/vm-{number}',
            'status': 'accepted',
            'trust_id': 'noauth',
        } | values
        return migrations_db.create(self.context, values)

    def now(self):
        return models.now()
