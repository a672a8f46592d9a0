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

"""The schema migrations lead to what the models say, on every server."""

import importlib
import pkgutil

from oslo_db.sqlalchemy import test_migrations

from migrate_service import db as package
from migrate_service.db import api as db
from migrate_service.db import migration
from migrate_service.db import models
from tests.functional.db import base


class Migrations(test_migrations.ModelsMigrationsSync):
    """Mixin; oslo.db compares the tables with the models."""

    def setUp(self):
        super().setUp()
        manager = db.context_manager.writer
        self.engine = manager.get_engine()

    def get_engine(self):
        return self.engine

    def get_metadata(self):
        """Return the tables of all modules, whoever imports them."""
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f'{package.__name__}.{module.name}')
        return models.Base.metadata

    def db_sync(self, engine):
        """The fixture of the database has done so."""

    def include_object(self, object_, name, type_, reflected, compare_to):
        return name != 'alembic_version'

    def test_the_newest_revision_is_reached(self):
        self.assertEqual(migration.newest(), migration.version())

    def test_a_second_sync_changes_nothing(self):
        migration.db_sync()
        self.assertEqual(migration.newest(), migration.version())


class TestMigrationsSqlite(Migrations, base.TestCase):
    backend = 'sqlite'


class TestMigrationsMysql(Migrations, base.TestCase):
    backend = 'mysql'


class TestMigrationsPostgresql(Migrations, base.TestCase):
    backend = 'postgresql'
