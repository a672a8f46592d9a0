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

"""Guest operations of the driver, between it and the simulated vCenter.

The programs run in libguestfs's appliance, on the machine's own disks.
"""

import time
import unittest

from migrate_service import conf
from migrate_service.drivers import guest
from migrate_service.drivers.vsphere import driver
from tests.lab import settings
from tests.lab.vcenter import control

NAME = 'db-virtio'
PASSWORD = 'lab'  # noqa: S105


class TestGuests(unittest.TestCase):
    def setUp(self):
        self.vcenter = control.Vcenter()
        self.vcenter.knobs()
        self.addCleanup(self.vcenter.knobs)
        self.vcenter.reset(NAME)
        self.addCleanup(self.vcenter.reset, NAME)
        self.source = self.open_source()
        self.addCleanup(self.source.close)

    def open_source(self):
        options = conf.prepare('migrate-test', [], [])
        options.set_override('allowed_networks', ['127.0.0.0/8'], 'vsphere')
        options.set_override('denied_networks', [], 'vsphere')
        return driver.open_source(
            options,
            {
                'address': settings.HOST,
                'port': control.PORT,
                'username': control.USERNAME,
                'password': control.PASSWORD,
                'ca': control.CA.read_text(),
            },
        )

    def guest(self, name=NAME, password=PASSWORD):
        key = self.vcenter.vms()[name]['ref']
        return self.source.guest(key, username='root', password=password)

    def ended(self, there, process):
        deadline = time.monotonic() + 300
        while (code := there.exit_code(process)) is None:
            self.assertLess(time.monotonic(), deadline, 'still running')
            time.sleep(0.2)
        return code

    def test_a_program_runs_in_the_guest(self):
        there = self.guest()
        there.log_in()
        folder = there.make_folder()
        path = f'{folder}/say.sh'
        there.upload(path, b'cat /etc/hostname; cat "$1"; exit 7\n')
        process = there.start(
            '/bin/sh', f'{path} {path} > {folder}/output 2>&1'
        )
        self.assertEqual(7, self.ended(there, process))
        output = there.download(f'{folder}/output', 1 << 10)
        self.assertTrue(output.startswith(b'db-virtio\n'), output)
        self.assertIn(b'exit 7', output)
        self.assertEqual(b'db-v', there.download(f'{folder}/output', 4))
        there.remove_folder(folder)
        with self.assertRaises(guest.GuestFileNotFound):
            there.download(f'{folder}/output', 1)
        there.remove_folder(folder)

    def test_the_wrong_password(self):
        there = self.guest(password='wrong')  # noqa: S106
        with self.assertRaises(guest.GuestLoginRefused):
            there.log_in()

    def test_no_tools(self):
        self.vcenter.set_tools(NAME, 'stopped')
        with self.assertRaises(guest.GuestToolsUnavailable):
            self.guest().log_in()

    def test_a_machine_that_is_off(self):
        with self.assertRaises(guest.GuestToolsUnavailable):
            self.guest('powered-off').log_in()

    def test_a_privilege_that_is_missing(self):
        denied = 'VirtualMachine.GuestOperations.Execute'
        self.vcenter.knobs(denied_privileges=[denied])
        there = self.guest()
        there.log_in()
        with self.assertRaisesRegex(guest.GuestPrivilegeMissing, denied):
            there.start('/bin/sh', '-c true')

    def test_a_process_that_nobody_started(self):
        with self.assertRaises(guest.GuestProcessLost):
            self.guest().exit_code(1)

    def test_a_file_that_is_not_there(self):
        with self.assertRaises(guest.GuestFileNotFound):
            self.guest().download('/tmp/nothing', 1)
