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

"""Rehearsals of warm migrations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '8e41f7a2c650'
down_revision = '9a41c7e05d62'

Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), 'mysql')
DateTime = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    op.add_column('migrations', sa.Column('rehearse_requested_at', DateTime))
    op.add_column('migrations', sa.Column('rehearsal', sa.JSON()))
    op.create_table(
        'rehearsals',
        sa.Column('id', sa.String(36), nullable=False),
        sa.Column('migration_id', sa.String(36), nullable=False),
        sa.Column('user_id', sa.String(64), nullable=False),
        sa.Column('options', sa.JSON(), nullable=False),
        sa.Column('status', sa.String(16), nullable=False),
        sa.Column('verdict', sa.String(16)),
        sa.Column('error', sa.JSON()),
        sa.Column('result', sa.JSON(), nullable=False),
        sa.Column('timings', sa.JSON(), nullable=False),
        sa.Column('console', Text),
        sa.Column('started_at', DateTime),
        sa.Column('ended_at', DateTime),
        sa.Column('created_at', DateTime, nullable=False),
        sa.Column('updated_at', DateTime),
        sa.ForeignKeyConstraint(
            ['migration_id'], ['migrations.id'], ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id'),
        mysql_charset='utf8mb4',
        mysql_collate='utf8mb4_bin',
        mysql_engine='InnoDB',
    )
    op.create_index(
        'ix_rehearsals_migration_id', 'rehearsals', ['migration_id']
    )
