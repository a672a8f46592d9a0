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

"""The way back after a cutover: by itself, and as a user wants it."""

from openstack import utils

from tests.lab.scenarios import base
from tests.lab.service import digests
from tests.lab.service import tenants

MIB = 1024 * 1024


class TestAcceptance(base.Scenario):
    """Two machines at a time: their waits overlap."""

    #: Its probe asks a port where nobody listens.
    unfit = 'tiny-1'

    def setUp(self):
        super().setUp()
        for machine in (self.machine, self.unfit):
            self.reset(machine)

    def test_go_back_and_cut_over_again(self):
        fit = self.begin(self.machine)
        unfit = self.begin(self.unfit, probe={'tcp_port': 9, 'timeout': 10})
        for migration in (fit, unfit):
            self.wait(migration.id, 'waiting', step='await_cutover')
            self.member.migration.cut_over_migration(migration.id)
        self.roll_back(fit)
        self.assert_came_back_by_itself(unfit)
        self.assert_moved_at_last(fit)

    def begin(self, machine, **options):
        """Start a warm migration whose guest writes to all disks."""
        for number in range(len(self.vcenter.disk_files(machine))):
            self.vcenter.writer(machine, disk=number, rate=MIB)
        return self.move(
            machine,
            kind='warm',
            acceptance='manual',
            verify='full',
            sync_interval=3600,
            **options,
        )

    def power(self, machine):
        return self.vcenter.vms()[machine]['power_state']

    def roll_back(self, migration):
        """The server runs; the user does not like it."""
        waiting = self.wait(migration.id, 'waiting', step='await_acceptance')
        server = waiting.result['server_id']
        self.assertEqual(
            'ACTIVE', self.member.compute.get_server(server).status
        )
        self.assertEqual('poweredOff', self.power(self.machine))
        self.made = len(waiting.progress['rounds'])
        self.member.migration.roll_back_migration(migration.id)
        self.wait_event(migration.id, 'rolled_back', 'await_cutover')
        self.assertEqual('poweredOn', self.power(self.machine))
        self.assertIsNone(self.member.compute.find_server(server))

    def assert_came_back_by_itself(self, migration):
        self.wait_event(migration.id, 'rolled_back', 'await_cutover')
        back = self.wait(migration.id, 'waiting', step='await_cutover')
        self.assertEqual('poweredOn', self.power(self.unfit))
        failed = back.result['failed_probe']
        self.assertEqual('probe.timeout', failed['code'])
        self.assertIsNone(self.member.compute.find_server(failed['server_id']))

    def next_round(self, migration):
        """Return the migration after the round that follows by itself."""
        for _ in utils.iterate_timeout(120, 'no round', wait=0.3):
            back = self.wait(migration.id, 'waiting', step='await_cutover')
            if len(back.progress['rounds']) > self.made:
                return back

    def assert_moved_at_last(self, migration):
        """Rounds go on by change ids; the second server has all bytes."""
        for number in range(len(self.vcenter.disk_files(self.machine))):
            self.vcenter.writer(self.machine, disk=number, rate=MIB)
        back = self.next_round(migration)
        methods = back.progress['rounds'][-1]['methods']
        self.assertEqual({'changed'}, set(methods.values()), back.warnings)
        self.member.migration.cut_over_migration(migration.id)
        done = self.wait(migration.id, 'waiting', step='await_acceptance')
        files = self.vcenter.disk_files(self.machine)
        self.assertEqual(
            [digests.of_file(path) for path in files],
            [disk['target_digest'] for disk in done.result['disks']],
        )
        self.member.migration.accept_migration(migration.id)
        done = self.wait(migration.id, 'completed')
        self.assertEqual('poweredOff', self.power(self.machine))
        tenants.remove_server(self.member, done.result['server_id'])
