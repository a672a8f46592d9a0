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

"""The image properties that give a converted guest its hardware."""

#: os_distro as Glance writes it (its useful image properties), where
#: libguestfs writes otherwise.
DISTRIBUTIONS = {
    'sles': 'sled',
    'redhat-based': 'rhel',
    'suse-based': 'opensuse',
}
#: An IDE controller takes four drives; one may be a CD-ROM (config drive).
MAX_IDE_DISKS = 3


def image_properties(
    inspection, decision, *, firmware, secure_boot=False, disks=1
):
    """Return the image properties of the boot volume, a dict of strings.

    Names and values are those of Nova's ``ImageMetaProps``.

    :param inspection: ``model.Inspection``.
    :param decision: ``model.Decision``.
    :param firmware: ``bios`` or ``efi``.
    :param secure_boot: whether the source machine had it enabled.
    :param disks: how many disks the machine has.
    """
    bus = decision.disk_bus
    if bus == 'ide' and disks > MAX_IDE_DISKS:
        bus = 'sata'
    properties = {
        'hw_disk_bus': bus,
        'hw_vif_model': decision.nic_model,
        'hw_firmware_type': 'uefi' if firmware == 'efi' else 'bios',
    }
    if bus == 'scsi':
        properties['hw_scsi_model'] = 'virtio-scsi'
    if firmware == 'efi' or bus == 'sata':
        properties |= {'hw_machine_type': 'q35', 'hw_cdrom_bus': 'sata'}
    if bus == 'ide':
        properties |= {'hw_machine_type': 'pc', 'hw_cdrom_bus': 'ide'}
    if secure_boot and firmware == 'efi' and _signed(inspection):
        properties['os_secure_boot'] = 'required'
    return properties | _system(inspection, decision)


def _signed(inspection):
    """Windows is signed by Microsoft, Linux when it boots by a shim."""
    if inspection.type == 'windows':
        return True
    return inspection.esp is not None and inspection.esp.shim


def _system(inspection, decision):
    """What the guest's system says about itself."""
    properties = {}
    if inspection.type in ('linux', 'windows'):
        properties['os_type'] = inspection.type
    distro = inspection.distro
    if distro and distro not in ('unknown', 'windows'):
        properties['os_distro'] = DISTRIBUTIONS.get(distro, distro)
    if inspection.type == 'windows':
        properties['os_distro'] = 'windows'
    if inspection.guest_agent and decision.nic_model == 'virtio':
        properties['hw_qemu_guest_agent'] = 'yes'
    return properties
