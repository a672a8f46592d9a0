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

"""The tables of the first release."""

import typing

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = 'c1a6f0e2d4b8'
down_revision = None

Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), 'mysql')
DateTime = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
MYSQL: dict[str, typing.Any] = {
    'mysql_charset': 'utf8mb4',
    'mysql_collate': 'utf8mb4_bin',
    'mysql_engine': 'InnoDB',
}


def upgrade():
    create_sources()
    create_workers()
    create_machines()
    create_migrations()
    create_source_items()
    create_ledger()
    create_machine_tags()
    create_manifest_chunks()
    create_migration_events()
    create_migration_logs()


def timestamps():
    """Return the columns of every table."""
    return (
        sa.Column('created_at', DateTime, nullable=False),
        sa.Column('updated_at', DateTime, nullable=True),
    )


def lease():
    """Return the columns of a table whose rows workers lease."""
    return (
        sa.Column('worker', sa.String(length=255), nullable=True),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('step_attempts', sa.Integer(), nullable=False),
        sa.Column('lease_expires_at', DateTime, nullable=True),
        sa.Column('not_before', DateTime, nullable=True),
    )


def create_sources():
    op.create_table(
        'sources',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('project_id', sa.String(length=64), nullable=False),
        sa.Column('user_id', sa.String(length=64), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('description', sa.String(length=255), nullable=True),
        sa.Column('driver', sa.String(length=32), nullable=False),
        sa.Column('address', sa.String(length=255), nullable=False),
        sa.Column('port', sa.Integer(), nullable=False),
        sa.Column('username', sa.String(length=255), nullable=False),
        sa.Column('secret', Text, nullable=False),
        sa.Column('ca', Text, nullable=True),
        sa.Column('fingerprint', sa.String(length=95), nullable=True),
        sa.Column('status', sa.String(length=16), nullable=False),
        sa.Column('error', sa.JSON(), nullable=True),
        sa.Column('product', sa.JSON(), nullable=True),
        sa.Column('inventory_at', DateTime, nullable=True),
        sa.Column('refresh_requested_at', DateTime, nullable=True),
        *lease(),
        *timestamps(),
        sa.PrimaryKeyConstraint('id'),
        **MYSQL,
    )
    op.create_index('ix_sources_project_id', 'sources', ['project_id'])
    op.create_index('ix_sources_status', 'sources', ['status'])


def create_workers():
    op.create_table(
        'workers',
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('incarnation', sa.String(length=36), nullable=False),
        sa.Column('version', sa.String(length=64), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('reason', sa.String(length=255), nullable=True),
        sa.Column('slots', sa.Integer(), nullable=False),
        sa.Column('used', sa.Integer(), nullable=False),
        sa.Column('load', sa.JSON(), nullable=False),
        sa.Column('transports', sa.JSON(), nullable=False),
        sa.Column('last_seen_at', DateTime, nullable=True),
        *timestamps(),
        sa.PrimaryKeyConstraint('name'),
        **MYSQL,
    )


def create_machines():
    op.create_table(
        'machines',
        sa.Column('source_id', sa.String(length=36), nullable=False),
        sa.Column('id', sa.String(length=255), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('power_state', sa.String(length=16), nullable=False),
        sa.Column('folder', sa.String(length=1024), nullable=True),
        sa.Column('cluster', sa.String(length=255), nullable=True),
        sa.Column('guest_family', sa.String(length=16), nullable=False),
        sa.Column('refresh', sa.Integer(), nullable=False),
        sa.Column('data', sa.JSON(), nullable=False),
        *timestamps(),
        sa.ForeignKeyConstraint(
            ['source_id'], ['sources.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('source_id', 'id'),
        **MYSQL,
    )
    op.create_index('ix_machines_name', 'machines', ['name'])


def create_migrations():
    op.create_table(
        'migrations',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('project_id', sa.String(length=64), nullable=False),
        sa.Column('user_id', sa.String(length=64), nullable=False),
        sa.Column('request_id', sa.String(length=64), nullable=True),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('source_id', sa.String(length=36), nullable=False),
        sa.Column('machine_id', sa.String(length=255), nullable=False),
        sa.Column('machine_name', sa.String(length=255), nullable=False),
        sa.Column('in_use', sa.String(length=300), nullable=True),
        sa.Column('options', sa.JSON(), nullable=False),
        sa.Column('trust_id', sa.String(length=64), nullable=True),
        sa.Column('status', sa.String(length=16), nullable=False),
        sa.Column('step', sa.String(length=32), nullable=True),
        sa.Column('progress', sa.JSON(), nullable=False),
        sa.Column('checkpoint', sa.JSON(), nullable=False),
        sa.Column('result', sa.JSON(), nullable=False),
        sa.Column('warnings', sa.JSON(), nullable=False),
        sa.Column('error', sa.JSON(), nullable=True),
        sa.Column('started_at', DateTime, nullable=True),
        sa.Column('ended_at', DateTime, nullable=True),
        sa.Column('cancel_requested_at', DateTime, nullable=True),
        sa.Column('retry_requested_at', DateTime, nullable=True),
        *lease(),
        *timestamps(),
        sa.ForeignKeyConstraint(
            ['source_id'],
            ['sources.id'],
        ),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('in_use'),
        **MYSQL,
    )
    op.create_index('ix_migrations_source_id', 'migrations', ['source_id'])
    op.create_index('migrations_free_idx', 'migrations', ['status', 'worker'])
    op.create_index(
        'migrations_project_idx', 'migrations', ['project_id', 'created_at']
    )


def create_source_items():
    op.create_table(
        'source_items',
        sa.Column('source_id', sa.String(length=36), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('id', sa.String(length=255), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('refresh', sa.Integer(), nullable=False),
        sa.Column('data', sa.JSON(), nullable=False),
        *timestamps(),
        sa.ForeignKeyConstraint(
            ['source_id'], ['sources.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('source_id', 'kind', 'id'),
        **MYSQL,
    )


def create_ledger():
    op.create_table(
        'ledger',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('migration_id', sa.String(length=36), nullable=False),
        sa.Column('kind', sa.String(length=32), nullable=False),
        sa.Column('key', sa.String(length=200), nullable=False),
        sa.Column('resource_id', sa.String(length=255), nullable=True),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('details', sa.JSON(), nullable=False),
        *timestamps(),
        sa.ForeignKeyConstraint(
            ['migration_id'], ['migrations.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('migration_id', 'kind', 'key'),
        **MYSQL,
    )
    op.create_index('ix_ledger_migration_id', 'ledger', ['migration_id'])


def create_machine_tags():
    op.create_table(
        'machine_tags',
        sa.Column('source_id', sa.String(length=36), nullable=False),
        sa.Column('machine_id', sa.String(length=255), nullable=False),
        sa.Column('tag', sa.String(length=255), nullable=False),
        *timestamps(),
        sa.ForeignKeyConstraint(
            ['source_id', 'machine_id'],
            ['machines.source_id', 'machines.id'],
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('source_id', 'machine_id', 'tag'),
        **MYSQL,
    )


def create_manifest_chunks():
    op.create_table(
        'manifest_chunks',
        sa.Column('migration_id', sa.String(length=36), nullable=False),
        sa.Column('disk', sa.String(length=64), nullable=False),
        sa.Column('chunk', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('hashes', sa.LargeBinary(), nullable=False),
        *timestamps(),
        sa.ForeignKeyConstraint(
            ['migration_id'], ['migrations.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('migration_id', 'disk', 'chunk'),
        **MYSQL,
    )


def create_migration_events():
    op.create_table(
        'migration_events',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('migration_id', sa.String(length=36), nullable=False),
        sa.Column('event', sa.String(length=32), nullable=False),
        sa.Column('status', sa.String(length=16), nullable=False),
        sa.Column('step', sa.String(length=32), nullable=True),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('worker', sa.String(length=255), nullable=True),
        sa.Column('user_id', sa.String(length=64), nullable=True),
        sa.Column('message', Text, nullable=True),
        sa.Column('details', sa.JSON(), nullable=False),
        *timestamps(),
        sa.ForeignKeyConstraint(
            ['migration_id'], ['migrations.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id'),
        **MYSQL,
    )
    op.create_index(
        'ix_migration_events_migration_id',
        'migration_events',
        ['migration_id'],
    )


def create_migration_logs():
    op.create_table(
        'migration_logs',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('migration_id', sa.String(length=36), nullable=False),
        sa.Column('step', sa.String(length=32), nullable=False),
        sa.Column('tool', sa.String(length=64), nullable=False),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('text', Text, nullable=False),
        *timestamps(),
        sa.ForeignKeyConstraint(
            ['migration_id'], ['migrations.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id'),
        **MYSQL,
    )
    op.create_index(
        'ix_migration_logs_migration_id', 'migration_logs', ['migration_id']
    )
