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
"""When the rounds of a warm migration may be left for something else.

A rehearsal and the preparation of a guest are such excursions.
"""

import sqlalchemy as sa

from migrate_service import pipelines
from migrate_service import states
from migrate_service.db import models


def possible(migration_id, now):
    """Return the conditions under which a wish for one may be written."""
    migration = models.Migration
    return (
        migration.id == migration_id,
        migration.kind == 'warm',
        migration.status.in_((states.RUNNING, states.WAITING)),
        migration.step.in_(pipelines.ROUNDS),
        migration.cancel_requested_at.is_(None),
        sa.or_(migration.cutover_at.is_(None), migration.cutover_at > now),
    )
