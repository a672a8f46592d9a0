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

"""Gives leases to workers and takes them back."""

import collections
import datetime

from oslo_log import log as logging

from migrate_service import exceptions
from migrate_service import notifications
from migrate_service import pipelines
from migrate_service import states
from migrate_service.conductor import assessments
from migrate_service.conductor import outcomes
from migrate_service.db import models
from migrate_service.db.api import claims as claims_db
from migrate_service.db.api import ledger as ledger_db
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import preparations as preparations_db
from migrate_service.db.api import rehearsals as rehearsals_db
from migrate_service.db.api import sources as sources_db
from migrate_service.db.api import workers as workers_db
from migrate_service.metrics import conductor as metrics

LOG = logging.getLogger(__name__)

#: Sources and assessments that one worker looks at, beside its slots.
DISCOVERIES = 2
#: Statuses in which what was asked for a later wait stays asked for.
HOPEFUL = (states.RUNNING, states.WAITING)
SOURCE_FIELDS = (
    'id',
    'driver',
    'address',
    'port',
    'username',
    'secret',
    'ca',
    'fingerprint',
    'project_id',
)
LEDGER_FIELDS = ('kind', 'key', 'state', 'resource_id', 'details')
MIGRATION_FIELDS = (
    'id',
    'attempt',
    'project_id',
    'user_id',
    'request_id',
    'name',
    'status',
    'step',
    'options',
    'machine_id',
    'checkpoint',
    'progress',
    'result',
    'trust_id',
    'rollback',
)


class Leases:
    """The leases of migrations and sources.

    :param conf: ConfigOpts.
    :param notifier: oslo.messaging's.
    :param now: returns the present time, UTC without zone.
    """

    def __init__(self, conf, notifier, now=models.now):
        self.conf = conf
        self.now = now
        self.assessments = assessments.Assessments(conf, self)
        self.metrics = metrics.Metrics(conf, now)
        self._notifier = notifier

    def apply(self, context, row, outcome, extra=None, **expected):
        """Commit what follows from an event; tell it afterwards.

        :param row: the migration as it was read.
        :param extra: more columns to write.
        :param expected: what the row must still be like, beside its
            status and attempt.
        :raises LeaseLost: it is not: nothing was written.
        """
        values = outcome.values | (extra or {})
        if values.get('status') in states.ENDED:
            values['ended_at'] = self.now()
        after = _Changed(row, values)
        if (
            after.status not in HOPEFUL
            or after.step not in pipelines.BEFORE_CUTOVER
        ):
            values['prepare_requested_at'] = None
        event = outcome.event and {
            'event': outcome.event,
            'status': after.status,
            'step': after.step,
            'attempt': after.attempt,
            'worker': after.worker or row.worker,
            'user_id': row.user_id,
            'message': outcome.message,
            'details': outcome.details,
        }
        expected = {
            'status': row.status,
            'attempt': row.attempt,
            # What nobody trusted yet may end without a trace.
            'trust_id': row.trust_id,
        } | expected
        migrations_db.transition(
            context,
            row.id,
            values,
            event or None,
            rehearsal=outcome.rehearsal,
            planned=outcome.planned,
            **expected,
        )
        LOG.info('Migration %s: %s', row.id, outcome.message)
        if outcome.event:
            self.metrics.transition(outcome, after.status)
            notifications.emit(
                self._notifier, context, after, outcome.event, outcome.message
            )

    def expiry(self):
        """Return when a lease given or renewed now ends."""
        ttl = self.conf.conductor.lease_ttl
        return self.now() + datetime.timedelta(seconds=ttl)

    def granted(self, row, worker, step_attempts):
        """Return the columns of a lease on ``row`` for ``worker``."""
        return {
            'worker': worker,
            'home': worker,
            'attempt': row.attempt + 1,
            'lease_expires_at': self.expiry(),
            'step_attempts': step_attempts,
            'not_before': None,
        }

    def claim(self, context, worker):
        """Return a new lease for a worker, or None.

        :param worker: what the worker told of itself.
        """
        lease = None
        if worker.get('discoveries', 0) < DISCOVERIES:
            lease = self._claim_source(context, worker['name'])
            lease = lease or self.assessments.claim(context, worker['name'])
        if not lease and worker['used'] < worker['slots']:
            lease = self._claim_migration(context, worker['name'])
        return lease

    def _claim_source(self, context, worker):
        for row in sources_db.candidates(context, self.now()):
            try:
                row = sources_db.claim(context, row, worker, self.expiry())
            except exceptions.LeaseLost:
                continue
            return self._source_lease(row)
        return None

    def _claim_migration(self, context, worker):
        conf = self.conf.conductor
        shares: collections.Counter = collections.Counter()
        load: collections.Counter = collections.Counter()
        for project, source, count in claims_db.held(context):
            shares[project] += count
            load[source] += count
        rows = claims_db.candidates(
            context,
            self.now(),
            busy_sources=_full(load, conf.max_migrations_per_source),
            busy_projects=_full(shares, conf.max_migrations_per_project),
            others=self._others(context, worker),
            shares=shares,
        )
        for row in rows:
            try:
                if self._give_up(context, row):
                    continue
                return self._take(context, row, worker)
            except exceptions.LeaseLost:
                continue
        return None

    def _others(self, context, worker):
        """Return the other workers that may take what they know best."""
        down_after = self.conf.conductor.worker_down_after
        since = self.now() - datetime.timedelta(seconds=down_after)
        names = workers_db.reachable(context, since)
        return [name for name in names if name != worker]

    def _give_up(self, context, row):
        """End the attempts of a step that killed its workers."""
        if row.step_attempts < self.conf.conductor.max_attempts:
            return False
        outcome = outcomes.exhausted(row)
        waits = outcome.values['status'] == states.WAITING
        extra = {'not_before': self.now()} if waits else None
        self.apply(context, row, outcome, extra, worker=None)
        return True

    def _take(self, context, row, worker):
        outcome = outcomes.claimed(row)
        attempts = outcome.values.get('step_attempts', row.step_attempts)
        granted = self.granted(row, worker, attempts + 1)
        if not row.started_at:
            granted['started_at'] = self.now()
        self.apply(context, row, outcome, granted, worker=None)
        return self.lease(context, _Changed(row, outcome.values | granted))

    def lease(self, context, row):
        """Return the lease of a migration as its worker gets it."""
        source = sources_db.get(context, row.source_id)
        ledger = ledger_db.entries(context, row.id)
        return _fields(row, MIGRATION_FIELDS) | {
            'kind': 'migration',
            'migration_kind': row.kind,
            'ttl': self.conf.conductor.lease_ttl,
            'ledger': [_fields(entry, LEDGER_FIELDS) for entry in ledger],
            'source': self.source_of(source),
            'rehearsal': self._rehearsal(context, row),
            'preparation': self._preparation(context, row),
        }

    def _rehearsal(self, context, row):
        if row.step not in pipelines.REHEARSE:
            return None
        found = rehearsals_db.current(context, row.id)
        return _fields(found, ('id', 'options'))

    @staticmethod
    def source_of(source):
        """Return of a source what its workers need."""
        return _fields(source, SOURCE_FIELDS)

    def _preparation(self, context, row):
        if row.step not in pipelines.PREPARE:
            return None
        found = preparations_db.get(context, row.id)
        return found and _fields(found, ('action', 'secret'))

    def _source_lease(self, row):
        asked = row.refresh_requested_at
        return {
            'kind': 'source',
            'id': row.id,
            'attempt': row.attempt,
            'step': 'discover',
            'name': row.name,
            'project_id': row.project_id,
            'user_id': row.user_id,
            'ttl': self.conf.conductor.lease_ttl,
            'checkpoint': {'asked': asked.isoformat() if asked else None},
            'source': _fields(row, SOURCE_FIELDS),
        }


def _fields(row, names):
    return {name: getattr(row, name) for name in names}


class _Changed:
    """A row as it is once ``values`` are written."""

    def __init__(self, row, values):
        self._row = row
        self._values = values

    def __getattr__(self, name):
        if name in self._values:
            return self._values[name]
        return getattr(self._row, name)


def _full(counts, limit):
    """Return the keys that have reached a limit; 0 is none."""
    return [key for key, count in counts.items() if limit and count >= limit]
