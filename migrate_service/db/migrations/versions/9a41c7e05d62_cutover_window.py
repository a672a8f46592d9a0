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


"""The window and the limit of a cutover, and the node that knows a copy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '9a41c7e05d62'
down_revision = 'e84b1c7f2a60'

DateTime = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    for name in ('cutover_not_after', 'home_until'):
        op.add_column('migrations', sa.Column(name, DateTime))
    op.add_column('migrations', sa.Column('max_downtime', sa.Integer))
    op.add_column('migrations', sa.Column('home', sa.String(255)))
