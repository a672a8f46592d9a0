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

"""Change a guest inside the child process: all but virt-v2v's part."""

from migrate_service.convert import decision as decisions
from migrate_service.convert import efi
from migrate_service.convert import errors
from migrate_service.convert import guest as guests
from migrate_service.convert import minimal
from migrate_service.convert import model
from migrate_service.convert import nics

#: NIC model: the kernel's driver for it
DRIVERS = {'virtio': 'virtio_net', 'e1000': 'e1000', 'e1000e': 'e1000e'}
DEVICES_FILE = '/etc/lvm/devices/system.devices'


def run(disks, request, directory):
    """Serve the task ``change``: return the list of changes.

    The request holds ``inspection``, ``decision`` and ``pins``.
    """
    inspection = model.Inspection.from_dict(request['inspection'])
    decision = model.Decision.from_dict(request['decision'])
    with guests.appliance(disks, readonly=False) as handle:
        pins = request['pins']
        return make(handle, inspection, decision, pins, directory)


def make(handle, inspection, decision, pins, directory):
    """Change what needs it; nothing may be mounted.

    :param pins: list of ``(name, mac)``.
    :returns: ``{'changes', 'warnings'}``, sentences.
    """
    changes = []
    if inspection.esp:
        esp, distro = inspection.esp, inspection.distro
        changes += efi.ensure_fallback(handle, esp, distro)
    guest = guests.Guest(handle)
    problems = guest.mount(inspection.mountpoints, readonly=False)
    _require_root(handle, problems)
    if inspection.type == 'linux':
        changes += _linux(guest, inspection, decision, pins, directory)
    for change in changes:
        print(change, flush=True)
    return {'changes': changes, 'warnings': problems}


def _require_root(handle, problems):
    """Refuse to go on when the root is not there or read-only."""
    if '/' not in handle.mountpoints().values():
        raise errors.ConversionFailed(reason=' '.join(problems))


def _linux(guest, inspection, decision, pins, directory):
    changes = []
    if decision.kind == model.MINIMAL:
        kernels = [
            kernel
            for kernel in inspection.kernels
            if decisions.extensible(kernel, decision.disk_bus)
        ]
        changes += minimal.apply(guest, kernels, directory)
    changes += nics.write_pins(
        guest,
        [tuple(pin) for pin in pins],
        driver=DRIVERS[decision.nic_model],
        link_files=inspection.link_files,
    )
    return changes + _forget_lvm_devices(guest)


def _forget_lvm_devices(guest):
    """LVM's devices file lists disks by ids of the old hardware."""
    if not guest.is_file(DEVICES_FILE):
        return []
    guest.handle.rename(DEVICES_FILE, DEVICES_FILE + minimal.BACKUP)
    return [f'{DEVICES_FILE} was put aside: it names the old disks.']
