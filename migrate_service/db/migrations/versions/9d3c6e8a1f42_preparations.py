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


"""Preparations of guests, with their credentials."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '9d3c6e8a1f42'
down_revision = '8c2e61f0a7d5'

DateTime = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), 'mysql')


def upgrade():
    op.add_column('migrations', sa.Column('prepare_requested_at', DateTime))
    op.create_table(
        'preparations',
        sa.Column('migration_id', sa.String(36), primary_key=True),
        sa.Column('action', sa.String(16), nullable=False),
        sa.Column('secret', Text, nullable=False),
        sa.Column('created_at', DateTime, nullable=False),
        sa.Column('updated_at', DateTime),
        mysql_engine='InnoDB',
        mysql_charset='utf8mb4',
        mysql_collate='utf8mb4_bin',
    )
