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


"""What moves a machine of the simulated vCenter step by step.

The real steps and driver; only the cloud is a folder.
"""

import os
import pathlib
import tempfile
import types
import unittest

from migrate_service import conf
from migrate_service.drivers import base
from migrate_service.drivers.fake import destination
from migrate_service.drivers.fake import folder
from migrate_service.drivers.vsphere import driver
from migrate_service.worker.steps import final_copy
from migrate_service.worker.steps import stop_source
from migrate_service.worker.steps import verify
from tests.lab import settings
from tests.lab.vcenter import control
from tests.unit.service.worker.steps import fakes


class Work(fakes.Work):
    """A lease on a machine of the simulated vCenter."""

    def __init__(self, root, source, machine, ends, **options):
        super().__init__(source, ends, **options)
        self.name = machine.name
        self.machine_id = machine.key
        self.workdir = str(root / 'work')
        os.makedirs(self.workdir, mode=0o700)
        self.checkpoint = {'machine': machine.to_dict(), 'volumes': {}}
        self.conf = types.SimpleNamespace(
            worker=types.SimpleNamespace(
                transports=['https', 'file', 'vddk', 'nfc']
            )
        )


class Case(unittest.TestCase):
    """One machine of the simulated vCenter, and a cloud in a folder."""

    name = 'tiny-3'
    #: Of the group ``[vsphere]``.
    options: dict = {}

    def setUp(self):
        self.vcenter = control.Vcenter()
        self.vcenter.knobs()
        self.addCleanup(self.vcenter.knobs)
        self.vcenter.reset(self.name)
        self.addCleanup(self.vcenter.reset, self.name)
        self.source = self.open_source()
        self.addCleanup(self.source.close)
        self.key = self.vcenter.vms()[self.name]['ref']
        self.machine = self.source.machine(self.key)

    def raised(self, error, function, *args, **values):
        """Return the error that a call raises."""
        with self.assertRaises(error) as caught:
            function(*args, **values)
        return caught.exception

    def open_source(self):
        options = conf.prepare('migrate-test', [], [])
        for name in ('allowed_networks', 'denied_networks'):
            values = ['127.0.0.0/8'] if name.startswith('allowed') else []
            options.set_override(name, values, 'vsphere')
        for name, value in self.options.items():
            options.set_override(name, value, 'vsphere')
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

    def work(self, **options):
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.works = root
        ends = destination.FakeDestination(
            folder.Folder(root / 'cloud'), 'project'
        )
        work = Work(root, self.source, self.machine, ends, **options)
        for disk in self.machine.disks:
            request = base.VolumeRequest(
                key=disk.key, name=disk.key, size=disk.size
            )
            volume = ends.ensure_volume(request, work.id)
            work.checkpoint['volumes'][disk.key] = volume
        self.addCleanup(self.source.remove_snapshot, self.key, work.id)
        return work

    def assert_same(self, work):
        files = self.vcenter.disk_files(self.name)
        for disk, file in zip(self.machine.disks, files, strict=True):
            volume = work.checkpoint['volumes'][disk.key]
            ends = work.open_destination().enter_result
            with open(ends.volume_path(volume['id']), 'rb') as target:
                self.assertEqual(
                    pathlib.Path(file).read_bytes(), target.read(disk.size)
                )

    def finish(self, work):
        stop_source.run(work)
        final_copy.run(work)
        verify.run(work)
        self.assert_same(work)
        self.assertEqual([], self.vcenter.vms()[self.name]['snapshots'])
