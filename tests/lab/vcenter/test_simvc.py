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
    $MIGRATE_LAB/venv/bin/python -m unittest tests.lab.vcenter.test_simvc
"""

import base64
import hashlib
import http.client
import pathlib
import ssl
import time
import unittest
import urllib.parse

from pyVim import connect
from pyVim import task as tasks
from pyVmomi import vim
from pyVmomi import vmodl

from tests.lab import settings
from tests.lab.vcenter import control

MIB = 1 << 20
BLOCK = 64 << 10


def context():
    return ssl.create_default_context(cafile=str(control.CA))


def login(password=control.PASSWORD):
    return connect.SmartConnect(
        host=settings.HOST,
        port=control.PORT,
        user=control.USERNAME,
        pwd=password,
        sslContext=context(),
    )


class Base(unittest.TestCase):
    def setUp(self):
        self.vcenter = control.Vcenter()
        self.vcenter.knobs()
        self.addCleanup(self.vcenter.knobs)
        self.service = login()
        self.addCleanup(connect.Disconnect, self.service)
        self.content = self.service.RetrieveContent()

    def machine(self, name, pristine=True):
        if pristine:
            self.addCleanup(self.vcenter.reset, name)
        ref = self.vcenter.vms()[name]['ref']
        return vim.VirtualMachine(ref, self.service._stub)

    def run_task(self, task):
        tasks.WaitForTask(task, si=self.service)
        return task.info.result

    def snapshot(self, vm, name='migrate'):
        return self.run_task(
            vm.CreateSnapshot_Task(name, '', memory=False, quiesce=False)
        )

    def track(self, vm):
        """Switch tracking on, with the stun that makes it effective."""
        spec = vim.vm.ConfigSpec(changeTrackingEnabled=True)
        self.run_task(vm.ReconfigVM_Task(spec))
        self.run_task(self.snapshot(vm).RemoveSnapshot_Task(False))

    def disks(self, holder):
        return [
            device
            for device in holder.config.hardware.device
            if isinstance(device, vim.vm.device.VirtualDisk)
        ]

    def changed(self, vm, snapshot, disk, change_id):
        """Return changed areas as (offset, length), all pages of them."""
        areas, offset = [], 0
        while offset < disk.capacityInBytes:
            answer = vm.QueryChangedDiskAreas(
                snapshot, disk.key, offset, change_id
            )
            areas += [(a.start, a.length) for a in answer.changedArea]
            offset = answer.startOffset + answer.length
        return areas

    def get(self, disk, start=None, end=None, headers=None, method='GET'):
        """GET the flat file of a disk below /folder, or a range of it."""
        match = disk.backing.fileName.split('] ')
        query = urllib.parse.urlencode(
            {'dcPath': 'lab-dc', 'dsName': match[0][1:]}
        )
        path = urllib.parse.quote(match[1].replace('.vmdk', '-flat.vmdk'))
        headers = self.basic() if headers is None else headers
        if start is not None:
            headers = headers | {'Range': f'bytes={start}-{end - 1}'}
        connection = http.client.HTTPSConnection(
            settings.HOST, control.PORT, context=context()
        )
        self.addCleanup(connection.close)
        connection.request(method, f'/folder/{path}?{query}', headers=headers)
        response = connection.getresponse()
        return response, response.read()

    def basic(self):
        pair = f'{control.USERNAME}:{control.PASSWORD}'.encode()
        return {'Authorization': f'Basic {base64.b64encode(pair).decode()}'}

    def power_off(self, vm):
        self.run_task(vm.PowerOffVM_Task())


class Foreign(Base):
    """govmomi's part."""

    def test_wrong_password(self):
        with self.assertRaises(vim.fault.InvalidLogin):
            login('wrong')

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


class Ours(Base):
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
            self.vcenter.write('tiny-2', disk, 5 * MIB, MIB, seed=7)
        frozen = [self.get(disk)[1] for disk in self.disks(snapshot)]
        self.assertEqual(before, frozen)
        self.run_task(snapshot.RemoveSnapshot_Task(False))
        self.power_off(vm)
        for disk, old in zip(self.disks(vm), before, strict=True):
            self.assertNotIn('-000001', disk.backing.fileName)
            new = old[: 5 * MIB] + control.pattern(7, MIB) + old[6 * MIB :]
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
            self.vcenter.write('tiny-3', 0, i * 8 * MIB, 4096, seed=i)
        self.vcenter.write('tiny-3', 0, 64 * MIB, 512, seed=9)
        second = self.snapshot(vm)
        self.vcenter.knobs(max_areas=2)
        areas = self.changed(vm, second, disk, disk.backing.changeId)
        blocks = [(i * 8 * MIB, BLOCK) for i in range(5)]
        self.assertEqual([*blocks, (64 * MIB, 512)], areas)
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
        self.vcenter.write('tiny-1', 0, 3 * MIB, 100, seed=1)
        self.power_off(vm)
        disk = self.disks(vm)[0]
        self.assertEqual(
            [(3 * MIB, BLOCK)], self.changed(vm, None, disk, change_id)
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
        self.vcenter.write('tiny-1', 0, 0, MIB, seed=3)
        self.vcenter.knobs(leave_delta=True)
        self.run_task(snapshot.RemoveSnapshot_Task(False))
        self.assertTrue(vm.runtime.consolidationNeeded)
        self.assertIn('-000001', self.disks(vm)[0].backing.fileName)
        self.run_task(vm.ConsolidateVMDisks_Task())
        self.assertFalse(vm.runtime.consolidationNeeded)
        self.power_off(vm)
        data = self.get(self.disks(vm)[0], 0, MIB)[1]
        self.assertEqual(control.pattern(3, MIB), data)

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
        self.vcenter.write('tiny-1', 0, 0, MIB, seed=5)
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
            settings.HOST, control.PORT, context=context()
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


class Downloads(Base):
    """/folder, ours too."""

    def setUp(self):
        super().setUp()
        self.disk = self.disks(self.machine('powered-off', False))[0]

    def test_needs_an_account(self):
        for headers in (
            {},
            {'Cookie': 'vmware_soap_session=forged'},
            {'Authorization': 'Basic bWU6bWU='},
        ):
            response, _ = self.get(self.disk, headers=headers)
            self.assertEqual(401, response.status)

    def test_session_cookie(self):
        cookie = self.service._stub.cookie.split(';')[0]
        response, data = self.get(
            self.disk, 10, 20, headers={'Cookie': cookie}
        )
        self.assertEqual(206, response.status)
        self.assertEqual(10, len(data))

    def test_head(self):
        response, data = self.get(self.disk, method='HEAD')
        length = response.getheader('Content-Length')
        self.assertEqual((str(32 * MIB), b''), (length, data))

    def test_running_machine_is_locked(self):
        disk = self.disks(self.machine('tiny-1', False))[0]
        response, _ = self.get(disk)
        self.assertEqual(500, response.status)

    def test_refused_and_cut(self):
        self.vcenter.knobs(refuse_ranges=1, cut_after=MIB, cut_count=1)
        response, _ = self.get(self.disk, 0, 4 * MIB)
        self.assertEqual(503, response.status)
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.get(self.disk, 0, 4 * MIB)
        self.assertGreaterEqual(MIB, len(caught.exception.partial))
        response, data = self.get(self.disk, 0, 4 * MIB)
        self.assertEqual(4 * MIB, len(data))

    def test_counters(self):
        self.vcenter.reset_stats()
        self.get(self.disk, 0, 3 * MIB)
        self.assertEqual(3 * MIB, self.vcenter.bytes_served('powered-off'))


class Guests(Base):
    """Shutdown, tools and rights, ours too."""

    def shut_down(self, vm):
        """Ask the guest, and wait until the machine is off."""
        vm.ShutdownGuest()
        deadline = time.monotonic() + 30
        while vm.runtime.powerState != 'poweredOff':
            self.assertLess(time.monotonic(), deadline, 'still on')

    def test_shutdown_with_tools(self):
        vm = self.machine('tiny-1')
        self.assertEqual('guestToolsRunning', vm.guest.toolsRunningStatus)
        self.assertEqual('10.0.0.101', vm.guest.ipAddress)
        self.shut_down(vm)
        self.assertEqual('guestToolsNotRunning', vm.guest.toolsRunningStatus)
        with self.assertRaisesRegex(control.Refused, 'not running'):
            self.vcenter.write('tiny-1', 0, 0, 512)

    def test_shutdown_without_tools(self):
        vm = self.machine('tiny-1')
        self.vcenter.set_tools('tiny-1', 'stopped')
        with self.assertRaises(vim.fault.ToolsUnavailable):
            vm.ShutdownGuest()
        self.assertEqual('poweredOn', vm.runtime.powerState)

    def test_shutdown_that_the_guest_ignores(self):
        vm = self.machine('tiny-1')
        self.vcenter.knobs(shutdown_ignored=True)
        vm.ShutdownGuest()
        self.assertEqual('poweredOn', vm.runtime.powerState)

    def test_missing_privilege(self):
        denied = 'VirtualMachine.State.CreateSnapshot'
        self.vcenter.knobs(denied_privileges=[denied])
        vm = self.machine('tiny-1', False)
        manager = self.content.authorizationManager
        answer = manager.HasUserPrivilegeOnEntities(
            [vm],
            control.USERNAME,
            ['VirtualMachine.Interact.PowerOff', denied],
        )
        self.assertEqual(
            [True, False],
            [one.isGranted for one in answer[0].privAvailability],
        )
        with self.assertRaises(vim.fault.NoPermission) as caught:
            self.snapshot(vm)
        self.assertEqual(denied, caught.exception.privilegeId)

    def test_too_many_sessions(self):
        self.vcenter.knobs(max_sessions=1)
        with self.assertRaisesRegex(Exception, '503'):
            login()

    def test_moved_disk(self):
        vm = self.machine('tiny-1')
        self.vcenter.move('tiny-1', 'ds-slow')
        self.assertIn('[ds-slow]', self.disks(vm)[0].backing.fileName)

    def test_writer_stops_at_power_off(self):
        """The disk under a busy guest is as its last snapshot and delta."""
        vm = self.machine('tiny-2')
        self.track(vm)
        self.vcenter.writer('tiny-2', disk=1, rate=32 * MIB)
        snapshots = []
        for _ in range(3):
            snapshot = self.snapshot(vm)
            snapshots.append(self.get(self.disks(snapshot)[1])[1])
            change_id = self.disks(snapshot)[1].backing.changeId
            self.run_task(snapshot.RemoveSnapshot_Task(False))
        self.assertEqual(3, len(set(snapshots)))
        self.shut_down(vm)
        disk = self.disks(vm)[1]
        copy = bytearray(snapshots[-1])
        for start, length in self.changed(vm, None, disk, change_id):
            end = start + length
            copy[start:end] = self.get(disk, start, end)[1]
        self.assertEqual(self.get(disk)[1], bytes(copy))
        self.assertNotEqual(snapshots[-1], bytes(copy))
        self.assertGreater(
            self.vcenter.vms()['tiny-2']['writer']['written'], 0
        )

    def test_grown_disk(self):
        vm = self.machine('tiny-1')
        self.vcenter.extend('tiny-1', 0, 80 * MIB)
        self.assertEqual(80 * MIB, self.disks(vm)[0].capacityInBytes)
        self.power_off(vm)
        self.assertEqual(80 * MIB, len(self.get(self.disks(vm)[0])[1]))


if __name__ == '__main__':
    unittest.main()
