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


import dataclasses

import testtools

from migrate_service.drivers import errors
from migrate_service.worker.steps import stop_source
from tests.unit.service.worker.steps import fakes


class TestStopSource(testtools.TestCase):
    def run_step(self, source, **options):
        work = fakes.Work(source, **options)
        stop_source.run(work)
        return work

    def previous(self, work):
        return work.ledger.entries('power')[0]['details']['previous']

    def test_guest_shuts_down(self):
        source = fakes.Source(looks=3)
        work = self.run_step(source)
        self.assertEqual('off', source.state)
        self.assertFalse(source.cut)
        self.assertEqual([], work.warnings)
        self.assertEqual('on', self.previous(work))
        self.assertEqual(source.moment(), work.checkpoint['stopped_at'])

    def test_guest_that_does_not_obey(self):
        source = fakes.Source(looks=10**9)
        work = self.run_step(source, shutdown_timeout=0.01)
        self.assertTrue(source.cut)
        self.assertIn('0.01 seconds', work.warnings[0])

    def test_guest_without_tools(self):
        source = fakes.Source(tools=False)
        work = self.run_step(source)
        self.assertTrue(source.cut)
        self.assertEqual(1, len(work.warnings))

    def test_machine_that_is_off(self):
        work = self.run_step(fakes.Source('off'))
        self.assertEqual('off', self.previous(work))
        self.assertEqual([], work.warnings)

    def test_second_attempt_remembers_the_first(self):
        source = fakes.Source()
        work = self.run_step(source)
        stop_source.run(work)
        self.assertEqual('on', self.previous(work))
        self.assertEqual('on', work.checkpoint['source_power'])

    def test_suspended_meanwhile(self):
        self.assertRaises(
            errors.MachineSuspended, self.run_step, fakes.Source('suspended')
        )

    def test_another_machine_of_the_same_key_is_left_alone(self):
        machine = dataclasses.replace(fakes.MACHINE, uuid='another')
        source = fakes.Source(machine=machine)
        self.assertRaises(errors.MachineChanged, self.run_step, source)
        self.assertEqual('on', source.state)

    def test_disks_that_changed(self):
        for changes, error in (
            ({'size': 1024}, errors.MachineChanged),
            ({'key': '2001'}, errors.MachineChanged),
            ({'has_parent': True}, errors.MachineHasSnapshots),
        ):
            disk = dataclasses.replace(fakes.DISK, **changes)
            machine = dataclasses.replace(fakes.MACHINE, disks=(disk,))
            source = fakes.Source(machine=machine)
            self.assertRaises(error, self.run_step, source)

    def test_disk_that_was_moved(self):
        disk = dataclasses.replace(fakes.DISK, path='[other] web/web.vmdk')
        machine = dataclasses.replace(fakes.MACHINE, disks=(disk,))
        work = self.run_step(fakes.Source(machine=machine))
        stored = work.checkpoint['machine']['disks'][0]
        self.assertEqual('[other] web/web.vmdk', stored['path'])
