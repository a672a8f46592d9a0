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

"""What a conductor counts, and what it reads off the database when asked."""

import collections
import datetime

import prometheus_client
from oslo_log import log as logging
from prometheus_client import registry

from migrate_service import context as migrate_context
from migrate_service.db.api import stock
from migrate_service.metrics import families

LOG = logging.getLogger(__name__)


class Metrics:
    """The metrics of one process.

    :param conf: ConfigOpts.
    :param now: returns the present time, UTC without zone.
    """

    def __init__(self, conf, now):
        self.registry = prometheus_client.CollectorRegistry()
        self.heartbeats = families.HEARTBEATS.histogram(self.registry)
        self.ticks = families.TICKS.histogram(self.registry)
        self._transitions = families.TRANSITIONS.counter(self.registry)
        self._failures = families.FAILURES.counter(self.registry)
        self._expiries = families.EXPIRIES.counter(self.registry)
        self._concerns = families.CONCERNS.counter(self.registry)
        self.registry.register(Stock(conf, now))

    def transition(self, outcome, status):
        """Count a transition that was committed."""
        self._transitions.labels(outcome.event, status).inc()
        error = outcome.details.get('error')
        if error:
            self._failures.labels(error['code']).inc()

    def expired(self, kind):
        """Count a lease whose worker fell silent."""
        self._expiries.labels(kind).inc()

    def assessed(self, results):
        """Count the concerns about machines."""
        for result in results:
            for one in result['concerns']:
                self._concerns.labels(one['code'], one['severity']).inc()


class Stock(registry.Collector):
    """What there is right now; the same from every conductor."""

    def __init__(self, conf, now):
        self._down_after = conf.conductor.worker_down_after
        self._now = now

    def describe(self):
        """Return nothing: or the database would be asked at the start."""
        return ()

    def collect(self):
        context = migrate_context.service_context()
        try:
            migrations = stock.migrations(context)
            workers = stock.workers(context)
        except Exception as error:
            LOG.warning('Metrics without the database: %s', error)
            return
        yield families.MIGRATIONS.gauge(
            {
                (status, step or '', kind): count
                for (status, step, kind), count in migrations.items()
            }
        )
        yield from self._workers(workers)

    def _workers(self, workers):
        limit = self._now() - datetime.timedelta(seconds=self._down_after)
        counts: collections.Counter = collections.Counter()
        slots = used = 0
        for worker in workers:
            alive = (worker.last_seen_at or limit) > limit
            counts[worker.state, str(alive).lower()] += 1
            slots += worker.slots if alive else 0
            used += worker.used if alive else 0
        yield families.WORKERS.gauge(counts)
        yield families.SLOTS.gauge({(): slots})
        yield families.SLOTS_USED.gauge({(): used})
