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

"""How the look at a source ends."""

import datetime

from oslo_log import log as logging

from migrate_service.conductor import outcomes
from migrate_service.db import models
from migrate_service.db.api import leases as leases_db
from migrate_service.db.api import machines as machines_db

LOG = logging.getLogger(__name__)


class Sources:
    """Writes status, product and inventory of sources.

    :param leases: :class:`migrate_service.conductor.leases.Leases`.
    """

    def __init__(self, conf, leases):
        self.conf = conf
        self._leases = leases

    def finish(self, context, row, event, checkpoint, result, error):
        """End the lease of a source."""
        if event == 'done':
            self._ready(context, row, checkpoint, result or {})
        elif event == 'fail':
            self._failed(context, row, checkpoint, dict(error))
        else:
            values = outcomes.FREE | {'step_attempts': 0}
            self._write(context, row, values)

    def _ready(self, context, row, checkpoint, result):
        values = self._answered(row, checkpoint) | {
            'status': 'ready',
            'error': None,
            'product': result.get('product'),
            'inventory_at': self._leases.now(),
        }
        machines_db.finish_refresh(
            context, row.id, row.worker, row.attempt, values
        )
        LOG.info('Source %s is ready', row.id)

    def _failed(self, context, row, checkpoint, error):
        """A source that worked gets more tries; a new one answers now."""
        retryable = error.pop('retryable', False)
        options = self.conf.conductor
        if (
            retryable
            and row.status == 'ready'
            and row.step_attempts < options.max_attempts
        ):
            delay = options.retry_delay * 2 ** (row.step_attempts - 1)
            later = self._leases.now() + datetime.timedelta(seconds=delay)
            values = outcomes.FREE | {'not_before': later}
        else:
            values = self._answered(row, checkpoint) | {
                'status': 'error',
                'error': error,
            }
        self._write(context, row, values)
        LOG.warning('Source %s: %s', row.id, error['message'])

    def _answered(self, row, checkpoint):
        """Columns of a look that ended; a wish that came later stays."""
        values = outcomes.FREE | {'step_attempts': 0, 'not_before': None}
        asked = row.refresh_requested_at
        if asked and asked.isoformat() == checkpoint.get('asked'):
            values['refresh_requested_at'] = None
        return values

    def _write(self, context, row, values):
        leases_db.update(
            context,
            models.Source,
            row.id,
            values,
            worker=row.worker,
            attempt=row.attempt,
        )
