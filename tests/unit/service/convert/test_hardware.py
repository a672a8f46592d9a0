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

import testtools

from migrate_service.convert import hardware
from migrate_service.convert import model

SIGNED = model.Esp(device='/dev/sda1', loaders=('/EFI/debian/shimx64.efi',))
UNSIGNED = model.Esp(device='/dev/sda1', loaders=('/EFI/x/grubx64.efi',))


def linux(**values):
    values = {'type': 'linux', 'distro': 'debian'} | values
    return model.Inspection(outcome=model.SYSTEM, **values)


WINDOWS = linux(type='windows', distro='windows')
EMPTY = model.Inspection(outcome=model.EMPTY)
VIRTIO = model.Decision(kind=model.NONE)
SCSI = model.Decision(kind=model.NONE, disk_bus='scsi')
IDE = model.Decision(kind=model.NONE, disk_bus='ide', nic_model='e1000')
SATA = model.Decision(kind=model.NONE, disk_bus='sata', nic_model='e1000e')

Q35 = {'hw_machine_type': 'q35', 'hw_cdrom_bus': 'sata'}
PC = {'hw_machine_type': 'pc', 'hw_cdrom_bus': 'ide'}
BIOS = {'hw_firmware_type': 'bios'}
UEFI = {'hw_firmware_type': 'uefi', **Q35}
DEBIAN = {'os_type': 'linux', 'os_distro': 'debian'}
FAST = {'hw_disk_bus': 'virtio', 'hw_vif_model': 'virtio'}
VIRTIO_SCSI = {
    'hw_disk_bus': 'scsi',
    'hw_scsi_model': 'virtio-scsi',
    'hw_vif_model': 'virtio',
}


class ImagePropertiesTest(testtools.TestCase):
    def check(self, expected, inspection, decision, **values):
        values = {'firmware': 'bios'} | values
        self.assertEqual(
            expected,
            hardware.image_properties(inspection, decision, **values),
        )

    def test_virtio(self):
        self.check({**FAST, **BIOS, **DEBIAN}, linux(), VIRTIO)
        self.check({**VIRTIO_SCSI, **BIOS, **DEBIAN}, linux(), SCSI)
        efi = {**FAST, **UEFI, **DEBIAN}
        self.check(efi, linux(), VIRTIO, firmware='efi')

    def test_guest_agent(self):
        agent = {'hw_qemu_guest_agent': 'yes'}
        expected = {**FAST, **BIOS, **DEBIAN, **agent}
        self.check(expected, linux(guest_agent=True), VIRTIO)

    def test_unconverted_guests_get_emulated_hardware(self):
        slow = {'hw_vif_model': 'e1000', **BIOS}
        ide = {'hw_disk_bus': 'ide', **slow, **PC}
        sata = {'hw_disk_bus': 'sata', **slow, **Q35}
        self.check(ide, EMPTY, IDE, disks=3)
        self.check(sata, EMPTY, IDE, disks=4)
        efi = {**sata, **UEFI, 'hw_vif_model': 'e1000e'}
        self.check(efi, EMPTY, SATA, firmware='efi')

    def test_secure_boot_only_where_source_and_guest_have_it(self):
        for inspection, had, firmware, required in (
            (linux(esp=SIGNED), True, 'efi', True),
            (linux(esp=SIGNED), False, 'efi', False),
            (linux(esp=SIGNED), True, 'bios', False),
            (linux(esp=UNSIGNED), True, 'efi', False),
            (linux(), True, 'efi', False),
            (WINDOWS, True, 'efi', True),
        ):
            properties = hardware.image_properties(
                inspection, VIRTIO, firmware=firmware, secure_boot=had
            )
            self.assertEqual(required, 'os_secure_boot' in properties)

    def test_windows(self):
        system = {'os_type': 'windows', 'os_distro': 'windows'}
        self.check({**FAST, **BIOS, **system}, WINDOWS, VIRTIO)
