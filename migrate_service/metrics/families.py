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

"""Every metric: its name, kind, labels and a sentence.

Labels have few values, all of them ours: no project, machine, source or user
is ever one.
"""

import dataclasses

import prometheus_client
from prometheus_client import core

#: Seconds; a step may take from a moment to days.
STEP_BUCKETS = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)


@dataclasses.dataclass(frozen=True)
class Family:
    name: str
    kind: str
    text: str
    labels: tuple[str, ...] = ()

    def counter(self, registry):
        """Return a counter of the family."""
        return prometheus_client.Counter(
            self.name, self.text, self.labels, registry=registry
        )

    def histogram(self, registry, buckets=core.Histogram.DEFAULT_BUCKETS):
        """Return a histogram of the family."""
        return prometheus_client.Histogram(
            self.name,
            self.text,
            self.labels,
            registry=registry,
            buckets=buckets,
        )

    def gauge(self, values):
        """Return the gauge with these values, of one look.

        :param values: ``{labels: value}``, labels being a tuple of text.
        """
        family = core.GaugeMetricFamily(
            self.name, self.text, labels=self.labels
        )
        for labels, value in sorted(values.items()):
            family.add_metric(labels, value)
        return family


MIGRATIONS = Family(
    'migrate_migrations',
    'gauge',
    'Migrations that have not ended; the step is empty before the first.',
    ('status', 'step', 'kind'),
)
WORKERS = Family(
    'migrate_workers',
    'gauge',
    'Workers by what the operator set and whether they are heard.',
    ('state', 'alive'),
)
SLOTS = Family(
    'migrate_slots', 'gauge', 'Slots of the workers that are heard.'
)
SLOTS_USED = Family(
    'migrate_slots_used',
    'gauge',
    'Slots in use of the workers that are heard.',
)
TRANSITIONS = Family(
    'migrate_transitions_total',
    'counter',
    'Transitions of migrations that this conductor made.',
    ('event', 'status'),
)
FAILURES = Family(
    'migrate_failures_total',
    'counter',
    'Failures of steps that this conductor heard of, by error code.',
    ('code',),
)
EXPIRIES = Family(
    'migrate_lease_expiries_total',
    'counter',
    'Leases that this conductor took back from workers that fell silent.',
    ('kind',),
)
CONCERNS = Family(
    'migrate_concerns_total',
    'counter',
    'Concerns that assessments found, each once for each machine.',
    ('code', 'severity'),
)
HEARTBEATS = Family(
    'migrate_heartbeat_seconds',
    'histogram',
    'Time that this conductor took for a heartbeat of a worker.',
)
TICKS = Family(
    'migrate_tick_seconds',
    'histogram',
    'Time that this conductor took to look for what no message announced.',
)
WORKER_SLOTS = Family('migrate_worker_slots', 'gauge', 'Slots of this worker.')
WORKER_LEASES = Family(
    'migrate_worker_leases',
    'gauge',
    'Leases of this worker by kind and step.',
    ('kind', 'step'),
)
WORKER_BYTES = Family(
    'migrate_worker_bytes_total',
    'counter',
    'Bytes of disks that this worker read from sources and wrote to targets.',
    ('direction',),
)
WORKER_RATE = Family(
    'migrate_worker_rate_bytes',
    'gauge',
    'Bytes a second at which this worker copies now.',
)
WORKER_STEPS = Family(
    'migrate_worker_step_seconds',
    'histogram',
    'Time that steps took on this worker, by how they ended.',
    ('step', 'end'),
)
WORKER_SILENCE = Family(
    'migrate_worker_silence_seconds',
    'gauge',
    'Time since a conductor answered a heartbeat of this worker.',
)

#: What a conductor shows, and what a worker shows, in the order of the docs.
CONDUCTOR = (
    MIGRATIONS,
    WORKERS,
    SLOTS,
    SLOTS_USED,
    TRANSITIONS,
    FAILURES,
    EXPIRIES,
    CONCERNS,
    HEARTBEATS,
    TICKS,
)
WORKER = (
    WORKER_SLOTS,
    WORKER_LEASES,
    WORKER_BYTES,
    WORKER_RATE,
    WORKER_STEPS,
    WORKER_SILENCE,
)
