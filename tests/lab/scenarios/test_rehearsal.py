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

"""Rehearsals on a block device, and on a network of somebody else."""

from tests.lab.scenarios import base
from tests.lab.service import digests


class TestRehearsal(base.Scenario):
    def setUp(self):
        super().setUp()
        self.reset(self.machine)
        self.migration = self.move(
            kind='warm',
            volume_type='lab-block',
            verify='full',
            sync_interval=3600,
        )
        self.waiting(rounds=2)

    def waiting(self, rounds=0):
        """Return the migration when it waits after so many rounds."""
        while True:
            migration = self.wait(self.migration.id, 'waiting')
            if migration.rehearse_requested_at or migration.sync_requested_at:
                continue
            if len(migration.progress['rounds']) >= rounds:
                return migration

    def rehearse(self, **values):
        """Return a rehearsal that is over."""
        client = self.member.migration
        asked = client.rehearse_migration(self.migration, **values)
        self.waiting()
        return client.get_rehearsal(asked.id, self.migration)

    def things(self):
        """Return what exists, with the networks of the project."""
        project = self.member.current_project_id
        networks = self.admin.network.networks(project_id=project)
        return self.world() | {'networks': base.ids(networks)}

    def test_nothing_is_left_and_the_cutover_is_identical(self):
        before = self.things()
        foreign = self.admin.network.find_network('net-b')
        found = self.rehearse(network_id=foreign.id, probe={'console': False})
        self.assertEqual('failed', found.verdict)
        self.assertEqual('target.network_not_found', found.error['code'])
        self.assertNotIn('net-b', str(found.to_dict()))
        self.assertEqual('on', self.vcenter.vms()[self.machine]['power_state'])
        self.assertEqual(before, self.things())
        found = self.rehearse(probe={'console': False})
        self.assertEqual('passed', found.verdict, found.error)
        self.assertEqual(before, self.things())
        self.member.migration.cut_over_migration(self.migration.id)
        done = self.wait(self.migration.id, 'completed')
        self.assertEqual(
            [digests.of_file(p) for p in self.files()],
            [disk['target_digest'] for disk in done.result['disks']],
        )

    def files(self):
        return self.vcenter.disk_files(self.machine)
