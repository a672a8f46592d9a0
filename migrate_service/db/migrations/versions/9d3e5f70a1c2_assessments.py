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
"""Assessments and what they found about each machine."""

import typing

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '9d3e5f70a1c2'
down_revision = '8e41f7a2c650'

DateTime = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
MYSQL: dict[str, typing.Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb4',
    'mysql_collate': 'utf8mb4_bin',
}


def upgrade():
    op.create_table(
        'assessments',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('project_id', sa.String(length=64), nullable=False),
        sa.Column('user_id', sa.String(length=64), nullable=False),
        sa.Column('request_id', sa.String(length=64), nullable=True),
        sa.Column('source_id', sa.String(length=36), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('options', sa.JSON(), nullable=False),
        sa.Column('machine_ids', sa.JSON(), nullable=False),
        sa.Column('trust_id', sa.String(length=64), nullable=True),
        sa.Column('status', sa.String(length=16), nullable=False),
        sa.Column('totals', sa.JSON(), nullable=True),
        sa.Column('error', sa.JSON(), nullable=True),
        sa.Column('ended_at', DateTime, nullable=True),
        sa.Column('worker', sa.String(length=255), nullable=True),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('step_attempts', sa.Integer(), nullable=False),
        sa.Column('lease_expires_at', DateTime, nullable=True),
        sa.Column('not_before', DateTime, nullable=True),
        sa.Column('created_at', DateTime, nullable=False),
        sa.Column('updated_at', DateTime, nullable=True),
        sa.ForeignKeyConstraint(
            ['source_id'], ['sources.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id'),
        **MYSQL,
    )
    op.create_index(
        'assessments_project_idx', 'assessments', ['project_id', 'created_at']
    )
    for name in ('source_id', 'status'):
        op.create_index(f'ix_assessments_{name}', 'assessments', [name])
    op.create_table(
        'assessed_machines',
        sa.Column('assessment_id', sa.String(length=36), nullable=False),
        sa.Column('id', sa.String(length=255), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('severity', sa.String(length=16), nullable=True),
        sa.Column('data', sa.JSON(), nullable=False),
        sa.Column('created_at', DateTime, nullable=False),
        sa.Column('updated_at', DateTime, nullable=True),
        sa.ForeignKeyConstraint(
            ['assessment_id'], ['assessments.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('assessment_id', 'id'),
        **MYSQL,
    )
    op.create_index(
        'assessed_machines_severity_idx',
        'assessed_machines',
        ['assessment_id', 'severity'],
    )
