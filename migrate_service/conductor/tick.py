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

"""What no message announces: expired leases and intents of users."""

import datetime

from oslo_log import log as logging

from migrate_service import context as migrate_context
from migrate_service import downtime
from migrate_service import exceptions
from migrate_service import secret_store
from migrate_service import states
from migrate_service.conductor import outcomes
from migrate_service.conductor import plans
from migrate_service.conductor import windows
from migrate_service.conductor import workers
from migrate_service.db.api import cutovers as cutovers_db
from migrate_service.db.api import orders as orders_db
from migrate_service.db.api import preparations as preparations_db
from migrate_service.db.api import sources as sources_db
from migrate_service.db.api import usage as usage_db
from migrate_service.worker import rpcapi

LOG = logging.getLogger(__name__)

#: Seconds that an accepted migration may wait for its trust.
TRUST_PATIENCE = 600


class Tick:
    """One look at everything that may be due.

    :param leases: :class:`migrate_service.conductor.leases.Leases`.
    """

    def __init__(self, conf, bus, leases):
        self.conf = conf
        self._leases = leases
        self._plans = plans.Plans(conf, leases)
        self._workers = workers.Workers(conf, leases)
        self._hints = rpcapi.WorkerAPI(bus)

    def run(self, hinted=False):
        """Look at everything; what fails is looked at again next time.

        :param hinted: somebody said that there is work: tell the workers.
        """
        context = migrate_context.service_context()
        freed = 0
        for part in (
            self._workers.free_expired,
            self._plans.run,
            self._carry_out,
            self._judge_windows,
            self._refuse_untrusted,
            self._refresh_sources,
            self._leases.assessments.tidy,
            self._forget_credentials,
            self._plans.end_trusts,
            self._forget_admissions,
        ):
            try:
                freed += part(context)
            except Exception:
                LOG.exception('A part of the tick failed')
        try:
            self._hint(context, freed or hinted)
        except Exception as error:
            LOG.warning('Workers were not hinted: %s', error)

    def _hint(self, context, work):
        cancelled = orders_db.cancelled(context)
        if cancelled:
            self._hints.stop(context, cancelled)
        if work:
            self._hints.wake(context)

    def _carry_out(self, context):
        """Carry out the intents on migrations that nobody holds."""
        done = 0
        now = self._leases.now()
        for row in orders_db.intended(context, now):
            outcome = outcomes.wished(row)
            if outcome:
                pass
            elif row.status == states.WAITING:
                outcome = outcomes.woken(row, now)
            else:
                outcome = outcomes.retried(row)
            done += self._try(context, row, outcome)
        return done

    def _judge_windows(self, context):
        """Begin the cutovers whose window is open and that fit."""
        now = self._leases.now()
        rows = cutovers_db.in_window(context, now)
        history = cutovers_db.history(context) if rows else []
        done = 0
        for row in rows:
            kind = (row.progress.get('conversion') or {}).get('kind')
            measured = downtime.measure(history, row.source_id, kind)
            outcome = windows.judge(row, now, measured)
            if outcome:
                done += self._try(context, row, outcome)
        return done

    def _refuse_untrusted(self, context):
        patience = datetime.timedelta(seconds=TRUST_PATIENCE)
        before = self._leases.now() - patience
        for row in orders_db.untrusted(context, before):
            error = exceptions.TrustMissing().to_dict()
            self._try(context, row, outcomes.failed(row, error, None, None))
        return 0

    def _refresh_sources(self, context):
        interval = self.conf.conductor.inventory_interval
        if not interval:
            return 0
        now = self._leases.now()
        before = now - datetime.timedelta(seconds=interval)
        return sources_db.request_refreshes(context, before, now)

    def _forget_credentials(self, context):
        """Delete the credentials of guests that no step needs any more."""
        store = secret_store.SecretStore(self.conf)
        for row in preparations_db.over(context):
            store.delete(row.secret)
            preparations_db.delete(context, row.migration_id, row.secret)
        return 0

    def _forget_admissions(self, context):
        usage_db.forget(context, self._leases.now())
        return 0

    def _try(self, context, row, outcome):
        extra = {}
        if outcome.values.get('status') == states.RUNNING:
            patience = self.conf.conductor.home_patience
            until = self._leases.now() + datetime.timedelta(seconds=patience)
            extra = {'home_until': until}
        try:
            self._leases.apply(
                context,
                row,
                outcome,
                extra,
                worker=None,
                cutover_at=row.cutover_at,
            )
        except exceptions.LeaseLost:
            LOG.debug('Migration %s changed meanwhile', row.id)
            return False
        return True
