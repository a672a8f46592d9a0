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

import json

import testtools

from migrate_service.convert import model
from migrate_service.convert import v2v


class ModelTest(testtools.TestCase):
    def test_everything_survives_json(self):
        inspection = model.Inspection(
            outcome=model.SYSTEM,
            roots=('/dev/sda1',),
            mountpoints={'/': '/dev/sda1'},
            kernels=(model.Kernel(version='6.1', modules=('virtio_blk',)),),
            interfaces=(model.Interface(name='eth0', path='/x'),),
            esp=model.Esp(device='/dev/sda2', loaders=('/EFI/a.efi',)),
            windows=model.Windows(hibernated=True),
            free={'/': 1},
        )
        decision = model.Decision(kind=model.FULL, warnings=('w',))
        conversion = model.Conversion(
            kind=model.FULL, image_properties={'hw_disk_bus': 'virtio'}
        )
        for value in (inspection, decision, conversion):
            data = json.loads(json.dumps(value.to_dict()))
            self.assertEqual(value, type(value).from_dict(data))


class DomainTest(testtools.TestCase):
    def test_names_every_disk_with_its_format(self):
        disks = [
            model.Disk('/a&b.qcow2', 'qcow2'),
            model.Disk('/dev/x', 'raw'),
        ]
        text = v2v.domain(disks).decode()
        for part in (
            '<disk type="file" device="disk"><driver name="qemu" type="qcow2"'
            ' /><source file="/a&amp;b.qcow2" />',
            '<disk type="block" device="disk"><driver name="qemu" type="raw"'
            ' /><source dev="/dev/x" />',
        ):
            self.assertIn(part, text)
