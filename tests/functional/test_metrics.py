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

"""What Prometheus reads while a migration runs."""

import socket
import urllib.request

import prometheus_client
import testtools
from prometheus_client import parser

from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.metrics import families
from migrate_service.metrics import server
from tests import fixtures
from tests.functional import base


class TestMetrics(base.TestCase):
    def setUp(self):
        # Whichever port is free.
        self.patch(server, 'wanted', lambda first, count: (0,))
        super().setUp()

    def read(self, shown):
        """Return ``{(name, labels as a frozenset): value}``."""
        url = f'http://127.0.0.1:{shown.port}/metrics'
        with urllib.request.urlopen(url, timeout=30) as answer:
            self.text = answer.read().decode()
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in parser.text_string_to_metric_families(self.text)
            for sample in family.samples
        }

    def conductor(self, name, **labels):
        manager = self.service.conductors[0].manager
        found = self.read(manager.metrics_server)
        return found.get((name, frozenset(labels.items())), 0)

    def worker(self, name, **labels):
        manager = self.service.workers['worker-1'].manager
        found = self.read(manager.metrics_server)
        return found.get((name, frozenset(labels.items())), 0)

    def test_a_migration_is_seen_by_both(self):
        machine = self.add_machine()
        source_id = self.ready_source()
        self.doors['copy_disks'] = 'hold'
        id = self.create(source_id, machine)
        self.wait_for_door('copy_disks')
        where = {'status': 'running', 'step': 'copy_disks', 'kind': 'cold'}
        self.assertEqual(1, self.conductor('migrate_migrations', **where))
        held = {'kind': 'migration', 'step': 'copy_disks'}
        self.assertEqual(1, self.worker('migrate_worker_leases', **held))
        size = sum(disk.size for disk in machine.disks)
        read = self.worker('migrate_worker_bytes_total', direction='read')
        self.assertGreater(read, 0)
        self.assertLessEqual(read, size)
        self.assertNotIn('web', self.text)
        self.doors.clear()
        self.wait_for_status(id, 'completed')
        self.assertEqual(0, self.conductor('migrate_migrations', **where))
        ended = {'event': 'completed', 'status': 'completed'}
        self.wait_for(
            lambda: self.conductor('migrate_transitions_total', **ended) == 1
        )
        self.assertNotIn('project-a', self.text)
        done = {'step': 'copy_disks', 'end': 'done'}
        self.wait_for(
            lambda: (
                self.worker('migrate_worker_step_seconds_count', **done) == 1
            )
        )
        self.assertLess(self.worker('migrate_worker_silence_seconds'), 60)

    def test_every_family_is_shown(self):
        """Where none has a value yet, the name is."""
        self.wait_for(
            lambda: self.conductor('migrate_heartbeat_seconds_count')
        )
        self.wait_for(lambda: self.worker('migrate_worker_silence_seconds'))
        shown = {
            family.name: family.type
            for manager in (
                self.service.conductors[0].manager.metrics_server,
                self.service.workers['worker-1'].manager.metrics_server,
            )
            for _ in [self.read(manager)]
            for family in parser.text_string_to_metric_families(self.text)
        }
        expected = {
            family.name.removesuffix('_total'): family.kind
            for family in (*families.CONDUCTOR, *families.WORKER)
        }
        shown = {
            name.removesuffix('_total'): kind
            for name, kind in shown.items()
            if not name.endswith('_created')
        }
        self.assertEqual(expected, shown)

    def test_failures_and_expiries_are_counted(self):
        machine = self.add_machine()
        source_id = self.ready_source()
        self.doors['inspect'] = 'fail'
        id = self.create(source_id, machine)
        self.wait_for_status(id, 'error')
        self.wait_for(
            lambda: self.conductor('migrate_failures_total', code='test.door')
        )
        self.service.stop_worker('worker-1')
        values = {
            'worker': 'gone',
            'lease_expires_at': models.now(),
            'status': 'running',
        }
        leases.update(self.context, models.Migration, id, values)
        self.wait_for(
            lambda: self.conductor(
                'migrate_lease_expiries_total', kind='migration'
            )
        )


class TestServer(testtools.TestCase):
    def setUp(self):
        super().setUp()
        config = self.useFixture(fixtures.Config())
        self.options = config.conf.metrics
        self.registry = prometheus_client.CollectorRegistry()
        taken = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(taken.close)
        self.taken = taken.getsockname()[1]

    def start(self, *args, **kwargs):
        started = server.Server(self.options, self.registry, *args, **kwargs)
        started.start()
        self.addCleanup(started.stop)
        return started

    def test_none_is_wanted(self):
        self.assertIsNone(self.start(0, ports=4).port)

    def test_a_port_that_is_taken_costs_only_the_metrics(self):
        self.assertIsNone(self.start(self.taken).port)

    def test_each_process_finds_a_port_of_its_own(self):
        found = [self.start(self.taken, ports=20).port for _ in range(2)]
        self.assertEqual(2, len({*found} - {None, self.taken}))
        self.assertLess(max(found), self.taken + 20)
