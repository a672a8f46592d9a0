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

"""What a worker counts and measures."""

import collections
import threading

import prometheus_client
from prometheus_client import registry

from migrate_service.metrics import families

DIRECTIONS = ('read', 'written')


class Metrics:
    """The metrics of one process.

    :param manager: ``worker.manager.WorkerManager``.
    """

    def __init__(self, manager):
        self.registry = prometheus_client.CollectorRegistry()
        # First: it brings the counters below up to date.
        self.registry.register(Present(manager, self))
        self._steps = families.WORKER_STEPS.histogram(
            self.registry, families.STEP_BUCKETS
        )
        self._bytes = families.WORKER_BYTES.counter(self.registry)
        for direction in DIRECTIONS:
            self._bytes.labels(direction)
        self._told: dict[tuple, dict[str, int]] = {}
        self._lock = threading.Lock()

    def entered(self, work):
        """Take note of a lease: what others copied before is theirs."""
        with self._lock:
            self._told[work.kind, work.id] = copied(work)

    def left(self, work, end, seconds):
        """Take note of the end of a step.

        :param end: ``done``, ``wait``, ``fail``, ``cancel``, ``release`` or
            ``lost``.
        """
        self._steps.labels(work.step, end).observe(seconds)
        self.count(work)
        with self._lock:
            self._told.pop((work.kind, work.id), None)

    def count(self, work):
        """Add what was copied since this was asked last."""
        with self._lock:
            before = self._told.get((work.kind, work.id))
            if before is None:
                return
            present = copied(work)
            self._told[work.kind, work.id] = present
        for direction in DIRECTIONS:
            more = present[direction] - before[direction]
            self._bytes.labels(direction).inc(max(0, more))


class Present(registry.Collector):
    """What the worker does right now."""

    def __init__(self, manager, metrics):
        self._manager = manager
        self._metrics = metrics

    def describe(self):
        """Return nothing: a worker that starts has nothing to tell."""
        return ()

    def collect(self):
        works = self._manager.works()
        leases = collections.Counter((work.kind, work.step) for work in works)
        for work in works:
            self._metrics.count(work)
        slots = self._manager.describe()['slots']
        rate = sum(
            disk.get('rate') or 0 for work in works for disk in disks(work)
        )
        yield families.WORKER_SLOTS.gauge({(): slots})
        yield families.WORKER_LEASES.gauge(leases)
        yield families.WORKER_RATE.gauge({(): rate})
        answered_at = self._manager.heartbeat.answered_at
        if answered_at is not None:
            silence = max(0, self._manager.clock() - answered_at)
            yield families.WORKER_SILENCE.gauge({(): silence})


def disks(work):
    """Return the progress of the disks of a lease, of this moment."""
    return list(work.progress.get('disks') or ())


def copied(work):
    """Return ``{'read', 'written'}`` of all disks, in bytes."""
    found = disks(work)
    return {
        direction: sum(disk.get(direction) or 0 for disk in found)
        for direction in DIRECTIONS
    }
