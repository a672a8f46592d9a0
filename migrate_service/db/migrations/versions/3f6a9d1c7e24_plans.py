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

"""Plans, their machines and their events."""

import typing

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '3f6a9d1c7e24'
down_revision = '4f0b8d3a6e17'

DateTime = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), 'mysql')
MYSQL: dict[str, typing.Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb4',
    'mysql_collate': 'utf8mb4_bin',
}


def upgrade():
    _create_plans()
    _create_machines()
    _create_events()


def _create_plans():
    op.create_table(
        'plans',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('project_id', sa.String(length=64), nullable=False),
        sa.Column('user_id', sa.String(length=64), nullable=False),
        sa.Column('request_id', sa.String(length=64), nullable=True),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('description', sa.String(length=255), nullable=True),
        sa.Column('source_id', sa.String(length=36), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('options', sa.JSON(), nullable=False),
        sa.Column('waves', sa.JSON(), nullable=False),
        sa.Column('concurrency', sa.Integer(), nullable=True),
        sa.Column('on_failure', sa.String(length=16), nullable=False),
        sa.Column('retries', sa.Integer(), nullable=False),
        sa.Column('status', sa.String(length=16), nullable=False),
        sa.Column('error', sa.JSON(), nullable=True),
        sa.Column('trust_mark', sa.String(length=64), nullable=True),
        sa.Column('trust_id', sa.String(length=64), nullable=True),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('lease_expires_at', DateTime, nullable=True),
        sa.Column('started_at', DateTime, nullable=True),
        sa.Column('ended_at', DateTime, nullable=True),
        sa.Column('created_at', DateTime, nullable=False),
        sa.Column('updated_at', DateTime, nullable=True),
        sa.ForeignKeyConstraint(
            ['source_id'], ['sources.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id'),
        **MYSQL,
    )
    op.create_index('plans_project_idx', 'plans', ['project_id', 'created_at'])
    for name in ('source_id', 'status'):
        op.create_index(f'ix_plans_{name}', 'plans', [name])


def _create_machines():
    op.create_table(
        'plan_machines',
        sa.Column('plan_id', sa.String(length=36), nullable=False),
        sa.Column('id', sa.String(length=255), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('wave', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('group_name', sa.String(length=255), nullable=True),
        sa.Column('overrides', sa.JSON(), nullable=False),
        sa.Column('migration_id', sa.String(length=36), nullable=True),
        sa.Column('retries', sa.Integer(), nullable=False),
        sa.Column('retry', sa.Boolean(), nullable=False),
        sa.Column('error', sa.JSON(), nullable=True),
        sa.Column('created_at', DateTime, nullable=False),
        sa.Column('updated_at', DateTime, nullable=True),
        sa.ForeignKeyConstraint(['migration_id'], ['migrations.id']),
        sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('plan_id', 'id'),
        **MYSQL,
    )
    op.create_index(
        'ix_plan_machines_migration_id', 'plan_machines', ['migration_id']
    )


def _create_events():
    op.create_table(
        'plan_events',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('plan_id', sa.String(length=36), nullable=False),
        sa.Column('event', sa.String(length=32), nullable=False),
        sa.Column('status', sa.String(length=16), nullable=False),
        sa.Column('wave', sa.String(length=255), nullable=True),
        sa.Column('machine_id', sa.String(length=255), nullable=True),
        sa.Column('migration_id', sa.String(length=36), nullable=True),
        sa.Column('user_id', sa.String(length=64), nullable=True),
        sa.Column('message', Text, nullable=True),
        sa.Column('created_at', DateTime, nullable=False),
        sa.Column('updated_at', DateTime, nullable=True),
        sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
        **MYSQL,
    )
    op.create_index('ix_plan_events_plan_id', 'plan_events', ['plan_id'])
