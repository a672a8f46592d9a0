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

"""Indexes for what is asked at each claim, heartbeat and tick."""

from alembic import op

revision = 'b2d84f6a91c7'
down_revision = '4e7a9c12b6d3'


def upgrade():
    op.create_index(
        'migrations_held_idx',
        'migrations',
        ['worker', 'source_id', 'project_id'],
    )
    op.create_index('migrations_lease_idx', 'migrations', ['lease_expires_at'])
