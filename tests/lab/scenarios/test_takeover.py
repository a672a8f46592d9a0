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
"""A conversion node is killed; another one goes on at the checkpoint."""

import os
import signal

from openstack import utils

from tests.lab import service
from tests.lab.scenarios import base
from tests.lab.service import digests
from tests.lab.service import tenants

MIB = 1024 * 1024


class TestTakeover(base.Scenario):
    machine = 'web-bios'

    def setUp(self):
        super().setUp()
        self.reset(self.machine)
        self.addCleanup(service.up)

    def kill(self, name):
        """Kill the processes of the node; what they run dies with them."""
        for pid in service.node(name).session():
            os.kill(pid, signal.SIGKILL)

    def holder(self, migration_id):
        """Return the name of the node that has the lease."""
        return self.admin.migration.get_migration(migration_id).worker

    def copied(self, migration_id, percent):
        """Return once ``percent`` of the bytes are copied."""
        for _ in utils.iterate_timeout(300, 'no progress', wait=0.3):
            migration = self.get(migration_id)
            progress = migration.progress or {}
            if (
                migration.step == 'copy_disks'
                and (progress.get('percent') or 0) >= percent
            ):
                return
            self.assertNotEqual('error', migration.status, migration.error)

    def test_copy_goes_on_at_the_checkpoint(self):
        """kill -9 at half: at most 2 % is read twice, the guest boots."""
        self.vcenter.reset_stats()
        migration = self.move(
            transport='https',
            bandwidth_limit=32 * MIB,
            verify='full',
            probe={'console': True, 'timeout': 600},
        )
        self.copied(migration.id, 50)
        first = self.holder(migration.id)
        self.kill(first)
        done = self.wait(migration.id, 'completed', seconds=900)
        events = list(self.member.migration.migration_events(migration.id))
        self.assertIn('taken_over', [event.event for event in events])
        size = sum(
            os.path.getsize(path)
            for path in self.vcenter.disk_files(self.machine)
        )
        served = self.vcenter.bytes_served(self.machine)
        self.assertLessEqual(served, 1.02 * size)
        self.assertGreaterEqual(served, size)
        self.assert_equal_disks(done)
        server = self.member.compute.get_server(done.result['server_id'])
        self.assertEqual('ACTIVE', server.status)
        console = self.member.compute.get_server_console_output(server)
        self.assertIn('login:', console['output'])

    def assert_equal_disks(self, migration):
        files = self.vcenter.disk_files(self.machine)
        self.assertEqual(
            [digests.of_file(path) for path in files],
            [disk['target_digest'] for disk in migration.result['disks']],
        )

    def clean_up(self, migration_id):
        service.up()
        super().clean_up(migration_id)
        tenants.settled(self.manager, self.source)
