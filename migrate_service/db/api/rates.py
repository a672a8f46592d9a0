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
"""How fast this deployment was: figures of its last migrations."""

import statistics

import sqlalchemy as sa

from migrate_service import prediction
from migrate_service import states
from migrate_service.db import api
from migrate_service.db import models

#: So many of the newest migrations count.
NEWEST = 50


@api.reader
def measured(context):
    """Return the medians of the last completed migrations.

    :returns: ``{name: {'value', 'measured', 'samples'}}`` for each name of
        ``prediction.DEFAULTS``; what nobody measured yet has its default.
    """
    query = (
        sa.select(models.Migration.checkpoint, models.Migration.progress)
        .where(models.Migration.status == states.COMPLETED)
        .order_by(models.Migration.ended_at.desc())
        .limit(NEWEST)
    )
    samples: dict[str, list[float]] = {}
    for checkpoint, progress in context.session.execute(query):
        found = prediction.sample(checkpoint.get('timings') or {}, progress)
        for name, value in found.items():
            samples.setdefault(name, []).append(value)
    return {
        name: _figure(samples.get(name), default)
        for name, default in prediction.DEFAULTS.items()
    }


def _figure(values, default):
    if not values:
        return {'value': default, 'measured': False, 'samples': 0}
    return {
        'value': round(statistics.median(values), 3),
        'measured': True,
        'samples': len(values),
    }
