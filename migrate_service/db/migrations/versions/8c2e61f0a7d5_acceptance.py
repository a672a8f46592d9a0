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


"""Acceptance of a result, and the way back until then."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '8c2e61f0a7d5'
down_revision = '9d3e5f70a1c2'

DateTime = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    for name in ('accept_at', 'rollback_requested_at'):
        op.add_column('migrations', sa.Column(name, DateTime))
    op.add_column('migrations', sa.Column('rollback', sa.JSON))
