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

"""What the tests of the simulated vCenter start from: a pyvmomi client."""

import base64
import http.client
import ssl
import time
import unittest
import urllib.parse

from pyVim import connect
from pyVim import task as tasks
from pyVmomi import vim

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

    def shut_down(self, vm):
        """Ask the guest, and wait until the machine is off."""
        vm.ShutdownGuest()
        deadline = time.monotonic() + 30
        while vm.runtime.powerState != 'poweredOff':
            self.assertLess(time.monotonic(), deadline, 'still on')
