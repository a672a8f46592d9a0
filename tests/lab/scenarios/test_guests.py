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
"""Real guests move, boot and have their network, as the README says."""

import re
import subprocess

from openstack import utils

from migrate_service import downtime
from tests.lab import settings
from tests.lab.cloud import netns
from tests.lab.scenarios import base
from tests.lab.service import config
from tests.lab.vcenter.guests import known

REPORT = re.compile(r'LAB-BOOT-OK host=.*')


class TestGuests(base.Scenario):
    def lab(self, *command):
        """Run ``tools/lab`` and return what it printed."""
        done = subprocess.run(
            ['tools/lab', *command],
            cwd=settings.CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1500,
            check=False,
        )
        print(done.stdout)
        self.assertEqual(0, done.returncode, done.stdout)
        return done.stdout

    def assert_arrived(self, output, disks, nics):
        """The guest's own report: NICs up on their MACs, no failed unit."""
        report = REPORT.search(output)
        self.assertIsNotNone(report, output)
        for name, mac in nics.items():
            self.assertRegex(report[0], rf'{name}=up:[\d.]+/\d+:{mac}')
        self.assertIn('failed=0', report[0])
        self.assertIn(f'sha256={known.sha256()}', output)
        self.assertEqual(disks, len(re.findall(r'[0-9a-f]{64} == ', output)))
        self.assertNotIn(' != ', output)

    def nics(self, machine):
        """Return ``{name in the guest: MAC}``, as the guests were built."""
        machine = self.member.migration.find_machine(machine, self.source)
        names = ('ens192', 'ens224')
        return {
            name: nic['mac']
            for name, nic in zip(names, machine.nics, strict=False)
        }

    def test_demo_moves_the_bios_guest(self):
        output = self.lab('demo')
        self.assert_arrived(output, 2, self.nics('web-bios'))

    def test_guest_with_virtio_answers_a_ping(self):
        """Warm, no conversion, a block device, a look from its network."""
        self.reset('db-virtio')
        port = self.member.network.create_port(
            network_id=self.member.network.find_network('net-a').id
        )
        self.addCleanup(self.member.network.delete_port, port.id)
        address = f'{port.fixed_ips[0]["ip_address"]}/24'
        namespace = config.PROBE_NAMESPACE
        with netns.plugged(port.id, port.mac_address, address, namespace):
            migration = self.move(
                'db-virtio',
                kind='warm',
                volume_type='lab-block',
                security_groups=['ssh-and-ping'],
                probe={'console': True, 'timeout': 300, 'ping': True},
            )
            self.assertFalse(self.plan(migration.id)['writes'])
            self.member.migration.cut_over_migration(
                migration.id, max_downtime=3600
            )
            done = self.completed(migration.id)
        self.assertEqual('none', done.result['conversion']['kind'])
        self.assertEqual(0, done.result['conversion']['seconds'])
        self.assertTrue(done.result['reached']['ping'])

    def plan(self, migration_id):
        """Return what the conversion will do, once the rounds rest."""
        for _ in utils.iterate_timeout(300, 'no plan', wait=1):
            migration = self.get(migration_id)
            self.assertIsNone(migration.error)
            if migration.status == 'waiting' and migration.conversion:
                return migration.conversion

    def completed(self, migration_id):
        """Return the migration when its cutover is over."""
        for _ in utils.iterate_timeout(600, 'not completed', wait=1):
            migration = self.get(migration_id)
            self.assertIsNone(migration.error)
            if migration.status == 'completed':
                return migration

    def test_uefi_guest(self):
        output = self.lab('migrate', '--machine', 'web-uefi')
        self.assert_arrived(output, 1, self.nics('web-uefi'))

    def test_warm_while_it_is_written(self):
        """Three rounds of a machine that writes to both disks, then over.

        In between it is rehearsed: that leaves nothing, and the cutover is
        byte-identical all the same.
        """
        output = self.lab('migrate', '--warm', '--rehearse')
        self.assertIn('Rehearsal passed', output)
        self.assert_arrived(output, 2, self.nics('web-bios'))
        rounds = re.findall(r'^Round (\d+):', output, re.MULTILINE)
        self.assertGreaterEqual(len(rounds), 3)
        for part in downtime.PARTS:
            self.assertRegex(output, rf'Downtime, {part}: [\d.]+ s')
        self.assertRegex(output, r'Downtime, total: [\d.]+ s')
        self.assertIn('conversion minimal', output)
