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

"""Which workers there are, and what they may still believe to hold."""

import datetime

from oslo_log import log as logging

from migrate_service import exceptions
from migrate_service.conductor import outcomes
from migrate_service.db.api import leases as leases_db
from migrate_service.db.api import orders as orders_db
from migrate_service.db.api import workers as workers_db

LOG = logging.getLogger(__name__)

TOLD = ('incarnation', 'version', 'slots', 'used', 'load', 'transports')
#: What workers of an earlier release do not tell.
TOLD_SINCE = ('facts',)


class Workers:
    """Registers workers and frees what they lost.

    :param leases: :class:`migrate_service.conductor.leases.Leases`.
    """

    def __init__(self, conf, leases):
        self.conf = conf
        self._leases = leases

    def seen(self, context, about):
        """Take note of a worker.

        :param about: what it told of itself.
        :returns: ``enabled``, ``disabled``, ``draining``; ``superseded``
            when a younger process has its name.
        """
        name, now = about['name'], self._leases.now()
        values = {key: about[key] for key in TOLD} | {'last_seen_at': now}
        values |= {key: about.get(key) for key in TOLD_SINCE}
        if self._superseded(context, about, now):
            LOG.warning('A younger worker has the name %s of another', name)
            return 'superseded'
        row, before = workers_db.seen(context, name, values)
        if before not in (None, row.incarnation):
            for kind, model in leases_db.MODELS.items():
                for lost in leases_db.of_worker(context, model, name):
                    self._free(context, kind, lost, 'its worker was restarted')
        return row.state

    def free_unknown(self, context, name, known):
        """Free leases that the worker does not know of.

        The answer to its claim got lost. A lease counts as unknown only
        after no answer with it can be on its way any more.

        :param known: ``(kind, id)`` of the leases it told of.
        """
        grace = self.conf.rpc_response_timeout + 5
        ttl = self.conf.conductor.lease_ttl
        if grace >= ttl:
            return
        before = self._leases.now() + datetime.timedelta(seconds=ttl - grace)
        for kind, model in leases_db.MODELS.items():
            for row in orders_db.unrenewed(context, model, name, before):
                if (kind, row.id) not in known:
                    self._free(context, kind, row, 'it was never received')

    def free_expired(self, context):
        """Free the leases that were not renewed; return how many."""
        ttl = self.conf.conductor.lease_ttl
        reason = f'nothing was heard of the worker for {ttl} seconds'
        freed = 0
        for kind, model in leases_db.MODELS.items():
            for row in leases_db.expired(context, model, self._leases.now()):
                if self._free(context, kind, row, reason):
                    self._leases.metrics.expired(kind)
                    freed += 1
        return freed

    def _superseded(self, context, about, now):
        try:
            row = workers_db.get(context, about['name'])
        except exceptions.NotFound:
            return False
        # Incarnations begin with the time of the start. A clock that was
        # set back must not lock a worker out for ever.
        silent = now - (row.last_seen_at or now)
        limit = datetime.timedelta(
            seconds=self.conf.conductor.worker_down_after
        )
        return about['incarnation'] < row.incarnation and silent < limit

    def _free(self, context, kind, row, reason):
        expected = {
            'worker': row.worker,
            'attempt': row.attempt,
            'lease_expires_at': row.lease_expires_at,
        }
        outcome = outcomes.expired(row, reason)
        try:
            if kind == 'migration':
                self._leases.apply(context, row, outcome, **expected)
            else:
                leases_db.update(
                    context,
                    leases_db.MODELS[kind],
                    row.id,
                    outcome.values,
                    **expected,
                )
        except exceptions.LeaseLost:
            LOG.debug('%s %s was renewed meanwhile', kind, row.id)
            return False
        return True
