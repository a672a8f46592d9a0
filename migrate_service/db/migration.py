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

"""Bring the schema of the database to a revision, and say which it has."""

import pathlib

from alembic import command
from alembic import config as alembic_config
from alembic import migration
from alembic import script

from migrate_service import context as migrate_context
from migrate_service.db import api

HERE = pathlib.Path(__file__).parent


def configuration(connection=None):
    """Return alembic's configuration, bound to ``connection``."""
    settings = alembic_config.Config(str(HERE / 'alembic.ini'))
    settings.set_main_option('script_location', str(HERE / 'migrations'))
    settings.attributes['connection'] = connection
    return settings


def db_sync(revision='head'):
    """Upgrade the database to ``revision``."""
    context = migrate_context.service_context()
    with api.context_manager.writer.connection.using(context) as connection:
        command.upgrade(configuration(connection), revision)


def version():
    """Return the revision of the database, or None if it is empty."""
    context = migrate_context.service_context()
    with api.context_manager.reader.connection.using(context) as connection:
        return migration.MigrationContext.configure(
            connection
        ).get_current_revision()


def newest():
    """Return the revision that this code needs."""
    scripts = script.ScriptDirectory.from_config(configuration())
    return scripts.get_current_head()
