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

"""Windows and cutovers of plans."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '6c1e8a4d2b90'
down_revision = '3f6a9d1c7e24'

DateTime = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


NONE = '{"start": null, "cutover": null, "blackouts": []}'


def upgrade():
    op.add_column('plans', sa.Column('windows', sa.JSON(), nullable=True))
    op.add_column('plans', sa.Column('cutover_requested_at', DateTime))
    op.execute(
        sa.text('UPDATE plans SET windows = :none').bindparams(none=NONE)
    )
    with op.batch_alter_table('plans') as table:
        table.alter_column('windows', existing_type=sa.JSON(), nullable=False)
