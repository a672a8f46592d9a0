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
"""How assessments are leased, and how they end."""

import dataclasses
import datetime

from oslo_log import log as logging

from migrate_service import exceptions
from migrate_service.conductor import outcomes
from migrate_service.db import assessed
from migrate_service.db.api import assessments as assessments_db
from migrate_service.db.api import facts as facts_db
from migrate_service.db.api import leases as leases_db
from migrate_service.db.api import rates as rates_db
from migrate_service.db.api import sources as sources_db

LOG = logging.getLogger(__name__)

#: Seconds that an accepted assessment may wait for its trust.
TRUST_PATIENCE = 600
#: Machines of one answer to a worker.
PAGE = 100


class Assessments:
    """Leases assessments and writes their ends.

    :param leases: :class:`migrate_service.conductor.leases.Leases`.
    """

    def __init__(self, conf, leases):
        self.conf = conf
        self._leases = leases

    def claim(self, context, worker):
        """Return a lease on the one that waits longest, or None."""
        for row in assessments_db.candidates(context, self._leases.now()):
            try:
                if row.step_attempts >= self.conf.conductor.max_attempts:
                    self._give_up(context, row)
                    continue
                row = assessments_db.claim(
                    context, row, worker, self._leases.expiry()
                )
            except exceptions.LeaseLost:
                continue
            return self._lease(context, row)
        return None

    def machines(self, context, row, start):
        """Return a page of the machines of an assessment.

        :returns: ``{'machines': [dict], 'next': start of the next page or
            None}``.
        """
        ids = row.machine_ids[start : start + PAGE]
        found = assessments_db.machines(context, row.source_id, ids)
        later = start + PAGE
        more = later < len(row.machine_ids)
        return {'machines': found, 'next': later if more else None}

    def finish(self, context, row, event, result, error):
        """End the lease of an assessment."""
        values = outcomes.FREE | {'step_attempts': 0}
        if event == 'done':
            values |= self._ended('completed', totals=result['totals'])
        elif event == 'fail':
            values = self._failed(row, dict(error))
        leases_db.update(
            context,
            assessed.Assessment,
            row.id,
            values,
            worker=row.worker,
            attempt=row.attempt,
        )

    def tidy(self, context):
        """Forget old ones, and end those that never got a trust."""
        now = self._leases.now()
        patience = datetime.timedelta(seconds=TRUST_PATIENCE)
        error = exceptions.TrustMissing().to_dict()
        assessments_db.end_untrusted(
            context, now - patience, self._ended('error', error=error)
        )
        kept = self.conf.conductor.assessment_retention
        if kept:
            before = now - datetime.timedelta(seconds=kept)
            assessments_db.forget(context, before)
        return 0

    def _give_up(self, context, row):
        """End the attempts of one that killed its workers."""
        error = exceptions.WorkersLost(
            step='assess', attempts=row.step_attempts
        )
        leases_db.update(
            context,
            assessed.Assessment,
            row.id,
            self._ended('error', error=error.to_dict()),
            worker=None,
            attempt=row.attempt,
        )

    def _failed(self, row, error):
        LOG.warning('Assessment %s: %s', row.id, error['message'])
        options = self.conf.conductor
        retryable = error.pop('retryable', False)
        if retryable and row.step_attempts < options.max_attempts:
            delay = options.retry_delay * 2 ** max(0, row.step_attempts - 1)
            later = self._leases.now() + datetime.timedelta(seconds=delay)
            return outcomes.FREE | {'not_before': later, 'error': error}
        return outcomes.FREE | self._ended('error', error=error)

    def _ended(self, status, **values):
        return {
            'status': status,
            'ended_at': self._leases.now(),
            'error': None,
        } | values

    def _lease(self, context, row):
        source = sources_db.get(context, row.source_id)
        facts = facts_db.of_source(context, source, self._leases.now())
        return {
            'kind': 'assessment',
            'id': row.id,
            'attempt': row.attempt,
            'step': 'assess',
            'project_id': row.project_id,
            'user_id': row.user_id,
            'request_id': row.request_id,
            'migration_kind': row.kind,
            'options': row.options,
            'trust_id': row.trust_id,
            'ttl': self.conf.conductor.lease_ttl,
            'source': self._leases.source_of(source),
            'facts': dataclasses.asdict(facts),
            'rates': rates_db.measured(context),
        }
