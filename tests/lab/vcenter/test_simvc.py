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

"""The simulated vCenter, as a client of vSphere sees it.

``Foreign`` holds what govmomi's simulator does by itself: it failing means
that pyvmomi and govmomi no longer understand each other. ``Ours`` holds what
we added, so it shares our beliefs about vSphere. Needs the part to be up:

    tools/lab up --only vcenter
    $MIGRATE_LAB/venv/bin/python -m unittest tests.lab.vcenter.test_simvc \
        tests.lab.vcenter.test_simvc_sides
"""

import hashlib
import http.client
import pathlib
import urllib.parse

from pyVmomi import vim
from pyVmomi import vmodl

from tests.lab import settings
from tests.lab.vcenter import case
from tests.lab.vcenter import control


class Foreign(case.Base):
    """govmomi's part."""

    def test_wrong_password(self):
        with self.assertRaises(vim.fault.InvalidLogin):
            case.login('wrong')

    def test_inventory(self):
        """The property collector gives every machine with its devices."""
        view = self.content.viewManager.CreateContainerView(
            self.content.rootFolder, [vim.VirtualMachine], True
        )
        collector = vmodl.query.PropertyCollector
        spec = collector.FilterSpec(
            objectSet=[
                collector.ObjectSpec(
                    obj=view,
                    skip=True,
                    selectSet=[
                        collector.TraversalSpec(
                            name='view',
                            type=vim.view.ContainerView,
                            path='view',
                            skip=False,
                        )
                    ],
                )
            ],
            propSet=[
                collector.PropertySpec(
                    type=vim.VirtualMachine,
                    pathSet=['name', 'runtime', 'config', 'snapshot'],
                )
            ],
        )
        answer = self.content.propertyCollector.RetrievePropertiesEx(
            [spec], collector.RetrieveOptions()
        )
        found = {
            properties['name']: properties
            for properties in (
                {p.name: p.val for p in one.propSet} for one in answer.objects
            )
        }
        self.assertLess(12, len(found))
        self.assertIn('Büro & shop%2f1 #2 [x]', found)
        self.assertEqual('efi', found['web-uefi']['config'].firmware)
        self.assertNotIn('snapshot', found['tiny-1'])
        self.assertIn('snapshot', found['snapshot-chain'])

    def test_power(self):
        vm = self.machine('tiny-1')
        self.power_off(vm)
        self.assertEqual('poweredOff', vm.runtime.powerState)
        with self.assertRaises(vim.fault.InvalidPowerState):
            self.power_off(vm)
        self.run_task(vm.PowerOnVM_Task())
        self.assertEqual('poweredOn', vm.runtime.powerState)


class Ours(case.Base):
    """What we added."""

    def test_unset_property(self):
        """pyvmomi reads an unset property as None."""
        self.assertIsNone(self.machine('tiny-1', False).snapshot)

    def test_snapshot_freezes(self):
        """A snapshot's disk stays as it was while the guest writes."""
        vm = self.machine('tiny-2')
        before = [
            pathlib.Path(file).read_bytes()
            for file in self.vcenter.disk_files('tiny-2')
        ]
        snapshot = self.snapshot(vm)
        for disk in range(2):
            self.vcenter.write('tiny-2', disk, 5 * case.MIB, case.MIB, seed=7)
        frozen = [self.get(disk)[1] for disk in self.disks(snapshot)]
        self.assertEqual(before, frozen)
        self.run_task(snapshot.RemoveSnapshot_Task(False))
        self.power_off(vm)
        for disk, old in zip(self.disks(vm), before, strict=True):
            self.assertNotIn('-000001', disk.backing.fileName)
            new = (
                old[: 5 * case.MIB]
                + control.pattern(7, case.MIB)
                + old[6 * case.MIB :]
            )
            self.assertEqual(new, self.get(disk)[1])

    def test_changed_areas(self):
        """Deltas by change id, paged, make an old copy equal again."""
        vm = self.machine('tiny-3')
        self.track(vm)
        first = self.snapshot(vm)
        disk = self.disks(first)[0]
        copy = bytearray(self.get(disk)[1])
        self.run_task(first.RemoveSnapshot_Task(False))
        for i in range(5):
            self.vcenter.write('tiny-3', 0, i * 8 * case.MIB, 4096, seed=i)
        self.vcenter.write('tiny-3', 0, 64 * case.MIB, 512, seed=9)
        second = self.snapshot(vm)
        self.vcenter.knobs(max_areas=2)
        areas = self.changed(vm, second, disk, disk.backing.changeId)
        blocks = [(i * 8 * case.MIB, case.BLOCK) for i in range(5)]
        self.assertEqual([*blocks, (64 * case.MIB, 512)], areas)
        frozen = self.disks(second)[0]
        for start, length in areas:
            end = start + length
            response, data = self.get(frozen, start, end)
            self.assertEqual(206, response.status)
            copy[start:end] = data
        self.assertEqual(
            hashlib.sha256(self.get(frozen)[1]).digest(),
            hashlib.sha256(copy).digest(),
        )

    def test_changed_since_last_snapshot_when_off(self):
        """A machine that is off is asked without a snapshot."""
        vm = self.machine('tiny-1')
        self.track(vm)
        snapshot = self.snapshot(vm)
        change_id = self.disks(snapshot)[0].backing.changeId
        self.run_task(snapshot.RemoveSnapshot_Task(False))
        self.vcenter.write('tiny-1', 0, 3 * case.MIB, 100, seed=1)
        self.power_off(vm)
        disk = self.disks(vm)[0]
        self.assertEqual(
            [(3 * case.MIB, case.BLOCK)],
            self.changed(vm, None, disk, change_id),
        )

    def test_tracking_waits_for_a_stun(self):
        vm = self.machine('tiny-1')
        spec = vim.vm.ConfigSpec(changeTrackingEnabled=True)
        self.run_task(vm.ReconfigVM_Task(spec))
        self.assertTrue(vm.config.changeTrackingEnabled)
        snapshot = self.snapshot(vm)
        disk = self.disks(snapshot)[0]
        self.assertIsNone(disk.backing.changeId)
        with self.assertRaises(vim.fault.FileFault):
            self.changed(vm, snapshot, disk, '*')
        self.run_task(snapshot.RemoveSnapshot_Task(False))
        self.assertTrue(self.disks(vm)[0].backing.changeId)

    def test_change_ids_become_useless(self):
        vm = self.machine('tiny-1')
        self.track(vm)
        old = self.disks(vm)[0].backing.changeId
        self.vcenter.reset_tracking('tiny-1')
        snapshot = self.snapshot(vm)
        with self.assertRaises(vim.fault.FileFault):
            self.changed(vm, snapshot, self.disks(snapshot)[0], old)

    def test_consolidation(self):
        """A delta that was left behind is merged by ConsolidateVMDisks."""
        vm = self.machine('tiny-1')
        snapshot = self.snapshot(vm)
        self.vcenter.write('tiny-1', 0, 0, case.MIB, seed=3)
        self.vcenter.knobs(leave_delta=True)
        self.run_task(snapshot.RemoveSnapshot_Task(False))
        self.assertTrue(vm.runtime.consolidationNeeded)
        self.assertIn('-000001', self.disks(vm)[0].backing.fileName)
        self.run_task(vm.ConsolidateVMDisks_Task())
        self.assertFalse(vm.runtime.consolidationNeeded)
        self.power_off(vm)
        data = self.get(self.disks(vm)[0], 0, case.MIB)[1]
        self.assertEqual(control.pattern(3, case.MIB), data)

    def test_snapshot_of_a_physical_rdm(self):
        vm = self.machine('rdm-physical', False)
        with self.assertRaisesRegex(
            vim.fault.SnapshotIncompatibleDeviceInVm, 'prevents snapshots'
        ):
            self.snapshot(vm)

    def test_revert(self):
        vm = self.machine('tiny-1')
        snapshot = self.snapshot(vm)
        before = self.get(self.disks(snapshot)[0])[1]
        self.vcenter.write('tiny-1', 0, 0, case.MIB, seed=5)
        self.run_task(snapshot.RevertToSnapshot_Task())
        self.run_task(snapshot.RemoveSnapshot_Task(False))
        self.power_off(vm)
        self.assertEqual(before, self.get(self.disks(vm)[0])[1])

    def test_export(self):
        """A lease serves streamOptimized disks until it ends."""
        vm = self.machine('powered-off', False)
        lease = vm.ExportVm()
        url = urllib.parse.urlsplit(lease.info.deviceUrl[0].url)
        connection = http.client.HTTPSConnection(
            settings.HOST, control.PORT, context=case.context()
        )
        self.addCleanup(connection.close)
        connection.request('GET', url.path)
        self.assertEqual(b'KDMV', connection.getresponse().read()[:4])
        lease.HttpNfcLeaseAbort(None)
        connection.request('GET', url.path)
        self.assertEqual(404, connection.getresponse().status)

    def test_task_that_fails(self):
        self.vcenter.knobs(
            fail_tasks=[
                {
                    'method': 'CreateSnapshot_Task',
                    'fault': 'FileFault',
                    'message': 'no space left',
                    'count': 1,
                }
            ]
        )
        vm = self.machine('tiny-1')
        with self.assertRaisesRegex(vim.fault.FileFault, 'no space left'):
            self.snapshot(vm)
        self.assertIsNone(vm.snapshot)
        self.assertIsNotNone(self.snapshot(vm))
