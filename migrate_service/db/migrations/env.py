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

"""How alembic reaches the database and the models."""

import sqlalchemy as sa
from alembic import context

from migrate_service.db import models


def run():
    """Run migrations on the connection that was passed, or on the URL."""
    connection = context.config.attributes.get('connection')
    if connection is None:
        url = context.config.get_main_option('sqlalchemy.url', '')
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            migrate(connection)
    else:
        migrate(connection)


def migrate(connection):
    context.configure(
        connection=connection,
        target_metadata=models.Base.metadata,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
