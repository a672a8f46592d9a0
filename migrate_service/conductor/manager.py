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

"""What a conductor does for workers: the whole RPC surface."""

import base64
import datetime
import socket
import threading

import oslo_messaging as messaging
from oslo_log import log as logging

from migrate_service import downtime
from migrate_service import exceptions
from migrate_service import notifications
from migrate_service import pipelines
from migrate_service import states
from migrate_service.conductor import acceptance
from migrate_service.conductor import leases
from migrate_service.conductor import outcomes
from migrate_service.conductor import reports
from migrate_service.conductor import sources
from migrate_service.conductor import tick
from migrate_service.conductor import windows
from migrate_service.conductor import workers
from migrate_service.db import models
from migrate_service.db.api import assessments as assessments_db
from migrate_service.db.api import cutovers as cutovers_db
from migrate_service.db.api import heartbeats as heartbeats_db
from migrate_service.db.api import ledger as ledger_db
from migrate_service.db.api import logs as logs_db
from migrate_service.db.api import machines as machines_db
from migrate_service.db.api import manifests as manifests_db
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import orders as orders_db
from migrate_service.db.api import rehearsals as rehearsals_db
from migrate_service.db.api import sources as sources_db
from migrate_service.metrics import server as metrics_server

LOG = logging.getLogger(__name__)


class ConductorManager:
    """Stateless: any number of them share the database.

    :param now: returns the present time, UTC without zone.
    """

    target = messaging.Target(version='1.0')

    def __init__(self, conf, bus, now=models.now):
        self.conf = conf
        self.now = now
        self.host = socket.gethostname()
        self.endpoints = [self]
        self.leases = leases.Leases(
            conf, notifications.notifier(conf, self.host), now
        )
        self.metrics_server = metrics_server.Server(
            conf.metrics,
            self.leases.metrics.registry,
            conf.metrics.conductor_port,
            ports=conf.conductor.workers,
        )
        self.workers = workers.Workers(conf, self.leases)
        self.sources = sources.Sources(conf, self.leases)
        self.tick = tick.Tick(conf, bus, self.leases)
        self.limits = outcomes.Limits(
            conf.conductor.max_attempts, conf.conductor.retry_delay
        )
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name='tick', daemon=True
        )

    def start(self):
        self.metrics_server.start()
        self._thread.start()

    def stop(self):
        self._stopping.set()
        self._woken.set()
        self._thread.join()
        self.metrics_server.stop()

    def _run(self):
        while not self._stopping.is_set():
            hinted = self._woken.is_set()
            self._woken.clear()
            with self.leases.metrics.ticks.time():
                self.tick.run(hinted)
            self._woken.wait(self.conf.conductor.tick_interval)

    # The calls of workers and APIs

    def wake(self, context):
        """Look at intents and free work now."""
        self._woken.set()

    def claim(self, context, worker):
        """Return a lease for the worker, or None."""
        if self.workers.seen(context, worker) != 'enabled':
            return None
        return self.leases.claim(context, worker)

    def heartbeat(self, context, worker, leases):
        """Renew leases; return the orders for those that need one."""
        with self.leases.metrics.heartbeats.time():
            return self._beat(context, worker, leases)

    def _beat(self, context, worker, leases):
        state = self.workers.seen(context, worker)
        known = {(report['kind'], report['id']) for report in leases}
        lost = known
        if state != 'superseded':
            lost = heartbeats_db.store(
                context,
                worker['name'],
                [reports.decoded(report) for report in leases],
                self.leases.expiry(),
            )
        orders = dict.fromkeys(lost, 'lost')
        for id in self._cancelled(context, known - set(orders)):
            orders['migration', id] = 'cancel'
        if state == 'draining':
            orders = dict.fromkeys(known, 'release') | orders
        self.workers.free_unknown(context, worker['name'], known)
        return {
            'leases': [
                {'kind': kind, 'id': id, 'order': order}
                for (kind, id), order in orders.items()
            ]
        }

    @messaging.expected_exceptions(exceptions.LeaseLost)
    def finish(
        self,
        context,
        worker,
        kind,
        id,
        attempt,
        event,
        checkpoint,
        progress=None,
        result=None,
        error=None,
        warnings=None,
        more_claims=True,
    ):
        """End a lease and return the next one, if more are wanted."""
        state = self.workers.seen(context, worker)
        row = self._held(context, kind, id, worker['name'], attempt)
        more = more_claims and state == 'enabled'
        if kind == 'assessment':
            self.leases.assessments.finish(context, row, event, result, error)
            return self.leases.claim(context, worker) if more else None
        if kind == 'source':
            self.sources.finish(context, row, event, checkpoint, result, error)
            return self.leases.claim(context, worker) if more else None
        extra = {
            'checkpoint': checkpoint,
            'progress': progress or row.progress,
            'result': row.result | (result or {}),
            'warnings': _united(row.warnings, warnings or []),
        }
        stays = more_claims and state in ('enabled', 'disabled')
        lease = self._end(context, row, worker, event, error, extra, stays)
        if lease or not more:
            return lease
        return self.leases.claim(context, worker)

    @messaging.expected_exceptions(exceptions.LeaseLost)
    def record(self, context, worker, id, attempt, entry):
        """Write an entry of the ledger."""
        ledger_db.record(context, id, worker, attempt, entry)

    @messaging.expected_exceptions(exceptions.LeaseLost)
    def log(self, context, worker, id, attempt, step, tool, text):
        """Append to the log of a tool, as long as there is room."""
        logs_db.append(
            context, id, worker, attempt, step=step, tool=tool, text=text
        )

    @messaging.expected_exceptions(exceptions.LeaseLost)
    def evidence(self, context, worker, id, attempt, evidence):
        """Keep what a rehearsal found out."""
        rehearsals_db.keep(context, id, worker, attempt, evidence)

    @messaging.expected_exceptions(exceptions.LeaseLost)
    def manifest(self, context, worker, id, attempt, disk):
        """Return the stored region hashes of a disk."""
        self._held(context, 'migration', id, worker, attempt)
        return {
            str(row.chunk): base64.b64encode(row.hashes).decode()
            for row in manifests_db.chunks(context, id, disk)
        }

    @messaging.expected_exceptions(exceptions.LeaseLost)
    def inventory(self, context, worker, source_id, attempt, items):
        """Store a page of the inventory of a source."""
        machines_db.store(context, source_id, worker, attempt, items)

    @messaging.expected_exceptions(exceptions.LeaseLost)
    def assessment_machines(self, context, worker, id, attempt, start):
        """Return a page of the machines of an assessment."""
        row = self._held(context, 'assessment', id, worker, attempt)
        return self.leases.assessments.machines(context, row, start)

    @messaging.expected_exceptions(exceptions.LeaseLost)
    def assessed(self, context, worker, id, attempt, results):
        """Store what was found about a page of machines."""
        assessments_db.store(context, id, worker, attempt, results)
        self.leases.metrics.assessed(results)

    def _end(self, context, row, worker, event, error, extra, stays):
        """Commit the end of a lease; return the next of the same migration.

        A wish to cancel that comes in between is not overlooked: what
        follows is decided again.
        """
        arguments = (event, error, extra, stays)
        try:
            return self._commit(context, row, *arguments)
        except exceptions.LeaseLost:
            row = self._held(
                context, 'migration', row.id, worker['name'], row.attempt
            )
            return self._commit(context, row, *arguments)

    def _commit(self, context, row, event, error, extra, stays):
        """A migration that goes on stays with its worker while it can."""
        leftovers = []
        if row.status == states.CANCELLING:
            leftovers = [
                entry
                for entry in ledger_db.entries(context, row.id)
                if entry.state not in ledger_db.SETTLED
            ]
        outcome = outcomes.ended(
            row, event, error, leftovers, self.limits, self.now()
        )
        after = {'status': row.status} | outcome.values
        stays = (
            stays
            and event != 'release'
            and after['status'] in states.WORKABLE
            and not after.get('not_before')
        )
        if after['status'] == states.WAITING:
            extra = extra | self._waiting(context, row, after['step'], extra)
            known = outcome.values.get('warnings', [])
            extra['warnings'] = _united(extra['warnings'], known)
            self._woken.set()
        elif after['status'] in (*states.ENDED, states.ERROR):
            # A plan may go on with others.
            self._woken.set()
        if stays:
            extra = extra | self.leases.granted(row, row.worker, 1)
        self.leases.apply(
            context,
            row,
            outcome,
            extra,
            worker=row.worker,
            cancel_requested_at=row.cancel_requested_at,
            rollback_requested_at=row.rollback_requested_at,
        )
        if not stays:
            return None
        return self.leases.lease(context, migrations_db.get(context, row.id))

    def _waiting(self, context, row, step, extra):
        """Return the columns of a migration that begins to wait."""
        if step == pipelines.ACCEPTANCE:
            return acceptance.due(self.conf, self.now())
        progress = extra['progress']
        kind = (progress.get('conversion') or {}).get('kind')
        measured = downtime.measure(
            cutovers_db.history(context), row.source_id, kind
        )
        due = self._wake_at(extra['checkpoint'])
        expected = windows.predicted(progress, due or self.now(), measured)
        return {
            'not_before': due,
            'progress': progress | {'predicted_downtime': expected},
        }

    def _wake_at(self, checkpoint):
        """Return when a migration that waits is due without being asked.

        A round that was due during an excursion is due at its end.
        """
        due = checkpoint.pop('round_due', None)
        if due:
            return datetime.datetime.fromisoformat(due)
        seconds = checkpoint.get('wake_after')
        if seconds is None:
            return None
        return self.now() + datetime.timedelta(seconds=seconds)

    def _held(self, context, kind, id, worker, attempt):
        nouns = {
            'assessment': assessments_db,
            'migration': migrations_db,
            'source': sources_db,
        }
        try:
            row = nouns[kind].get(context, id)
        except exceptions.NotFound:
            row = None
        if row is None or row.worker != worker or row.attempt != attempt:
            raise exceptions.LeaseLost(id=id, attempt=attempt)
        return row

    def _cancelled(self, context, keys):
        ids = [id for kind, id in keys if kind == 'migration']
        return orders_db.cancelled(context, ids) if ids else ()


def _united(known, new):
    return [*known, *(item for item in new if item not in known)]
