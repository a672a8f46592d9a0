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

from migrate_service import inventory
from migrate_service.drivers import errors
from migrate_service.worker.steps import suitability

DISK = inventory.Disk(
    key='2000', label='Hard disk 1', size=512, path='[ds] vm/vm.vmdk'
)
MACHINE = inventory.Machine(
    key='vm-1', name='web', power_state='on', disks=(DISK,)
)


class TestCheck(testtools.TestCase):
    def test_refusals(self):
        for changes, error in (
            ({'template': True}, errors.MachineIsTemplate),
            ({'connection_state': 'orphaned'}, errors.MachineUnavailable),
            ({'power_state': 'suspended'}, errors.MachineSuspended),
            ({'firmware': 'other'}, errors.MachineFirmwareUnsupported),
            ({'disks': ()}, errors.MachineHasNoDisks),
        ):
            machine = dataclasses.replace(MACHINE, **changes)
            caught = self.assertRaises(error, suitability.check, machine)
            self.assertIn('web', str(caught))
            self.assertTrue(caught.advice)

    def test_refused_disks(self):
        for changes, error in (
            ({'kind': 'rdm'}, errors.MachineDiskRdm),
            ({'encrypted': True}, errors.MachineDiskEncrypted),
            ({'has_parent': True}, errors.MachineHasSnapshots),
            ({'kind': 'sparse'}, errors.MachineDiskUnsupported),
        ):
            disk = dataclasses.replace(DISK, **changes)
            machine = dataclasses.replace(MACHINE, disks=(DISK, disk))
            caught = self.assertRaises(error, suitability.check, machine)
            self.assertIn('Hard disk 1', str(caught))

    def test_independent_disks_move_cold(self):
        disk = dataclasses.replace(DISK, mode='independent_persistent')
        machine = dataclasses.replace(MACHINE, disks=(disk,), snapshots=1)
        self.assertIsNone(suitability.check(machine))

    def test_shared_disks_do_not_move(self):
        disk = dataclasses.replace(DISK, sharing='sharingMultiWriter')
        machine = dataclasses.replace(MACHINE, disks=(disk,))
        self.assertRaises(errors.MachineDiskShared, suitability.check, machine)


class TestTransports(testtools.TestCase):
    def usable(self, wanted, possible=('file', 'https'), enabled=('https',)):
        return suitability.usable_transports(
            MACHINE,
            possible=possible,
            enabled=enabled,
            wanted=wanted,
            reasons={'file': 'it is not enabled on this node'},
        )

    def test_those_that_are_enabled_best_first(self):
        self.assertEqual(['https'], self.usable('auto'))
        enabled = ['https', 'file']
        self.assertEqual(
            ['file', 'https'], self.usable('auto', enabled=enabled)
        )
        self.assertEqual(['https'], self.usable('https', enabled=enabled))

    def test_none(self):
        for wanted, possible, words in (
            ('file', ['https'], 'file: it is not enabled'),
            ('auto', [], 'file: it is not enabled'),
            ('vddk', ['https'], 'no such transport'),
        ):
            error = self.assertRaises(
                errors.TransportUnavailable, self.usable, wanted, possible
            )
            self.assertIn(words, str(error))
