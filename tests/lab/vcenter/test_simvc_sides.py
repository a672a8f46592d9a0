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

"""The simulated vCenter's downloads, guests and rights: all of it ours."""

import http.client

from pyVmomi import vim

from tests.lab.vcenter import case
from tests.lab.vcenter import control


class Downloads(case.Base):
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
        self.assertEqual((str(32 * case.MIB), b''), (length, data))

    def test_running_machine_is_locked(self):
        disk = self.disks(self.machine('tiny-1', False))[0]
        response, _ = self.get(disk)
        self.assertEqual(500, response.status)

    def test_refused_and_cut(self):
        self.vcenter.knobs(refuse_ranges=1, cut_after=case.MIB, cut_count=1)
        response, _ = self.get(self.disk, 0, 4 * case.MIB)
        self.assertEqual(503, response.status)
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.get(self.disk, 0, 4 * case.MIB)
        self.assertGreaterEqual(case.MIB, len(caught.exception.partial))
        response, data = self.get(self.disk, 0, 4 * case.MIB)
        self.assertEqual(4 * case.MIB, len(data))

    def test_counters(self):
        self.vcenter.reset_stats()
        self.get(self.disk, 0, 3 * case.MIB)
        self.assertEqual(
            3 * case.MIB, self.vcenter.bytes_served('powered-off')
        )


class Guests(case.Base):
    """Shutdown, tools and rights, ours too."""

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
            case.login()

    def test_moved_disk(self):
        vm = self.machine('tiny-1')
        self.vcenter.move('tiny-1', 'ds-slow')
        self.assertIn('[ds-slow]', self.disks(vm)[0].backing.fileName)

    def test_writer_stops_at_power_off(self):
        """The disk under a busy guest is as its last snapshot and delta."""
        vm = self.machine('tiny-2')
        self.track(vm)
        self.vcenter.writer('tiny-2', disk=1, rate=32 * case.MIB)
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
        self.vcenter.extend('tiny-1', 0, 80 * case.MIB)
        self.assertEqual(80 * case.MIB, self.disks(vm)[0].capacityInBytes)
        self.power_off(vm)
        self.assertEqual(80 * case.MIB, len(self.get(self.disks(vm)[0])[1]))
