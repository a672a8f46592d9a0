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
"""Mappings."""

import typing

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '4f0b8d3a6e17'
down_revision = '9d3c6e8a1f42'

DateTime = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
MYSQL: dict[str, typing.Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb4',
    'mysql_collate': 'utf8mb4_bin',
}


def upgrade():
    op.create_table(
        'mappings',
        sa.Column('id', sa.String(length=36), nullable=False),
        sa.Column('project_id', sa.String(length=64), nullable=False),
        sa.Column('user_id', sa.String(length=64), nullable=False),
        sa.Column('source_id', sa.String(length=36), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('description', sa.String(length=255), nullable=True),
        sa.Column('options', sa.JSON(), nullable=False),
        sa.Column('created_at', DateTime, nullable=False),
        sa.Column('updated_at', DateTime, nullable=True),
        sa.ForeignKeyConstraint(
            ['source_id'], ['sources.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id'),
        **MYSQL,
    )
    op.create_index(
        'mappings_project_idx', 'mappings', ['project_id', 'created_at']
    )
    op.create_index('ix_mappings_source_id', 'mappings', ['source_id'])
