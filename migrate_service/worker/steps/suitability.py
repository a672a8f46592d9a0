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


"""Whether a machine can be moved cold at all, from its inventory; pure."""

from migrate_service.drivers import errors

FIRMWARE = ('bios', 'efi')
#: Transports that read machines that are off only.
COLD_ONLY = ('nfc',)


def check(machine):
    """Refuse a machine that cannot be moved.

    :param machine: ``inventory.Machine``, as it is now.
    :raises DriverError: the first reason, with what to do about it.
    """
    if machine.template:
        raise errors.MachineIsTemplate(machine=machine.name)
    if machine.connection_state != 'connected':
        raise errors.MachineUnavailable(
            machine=machine.name, state=machine.connection_state
        )
    if machine.power_state == 'suspended':
        raise errors.MachineSuspended(machine=machine.name)
    if machine.firmware not in FIRMWARE:
        raise errors.MachineFirmwareUnsupported(
            machine=machine.name, firmware=machine.firmware
        )
    if not machine.disks:
        raise errors.MachineHasNoDisks(machine=machine.name)
    for disk in machine.disks:
        _check_disk(machine, disk)


def check_warm(machine):
    """Refuse a machine whose disks cannot be frozen while it runs.

    :raises MachineDiskIndependent: the first such disk.
    """
    for disk in machine.disks:
        reason = None
        if disk.mode.startswith('independent'):
            reason = 'independent'
        elif disk.sharing != 'sharingNone':
            reason = 'shared with other machines'
        if reason:
            raise errors.MachineDiskIndependent(
                machine=machine.name, disk=disk.label, reason=reason
            )


def usable_transports(machine, *, possible, enabled, wanted, reasons):
    """Return the transports that may read the machine, best first.

    :param possible: what the source can do for this machine, best first.
    :param enabled: what this node may use.
    :param wanted: ``auto`` or the one the user asked for.
    :param reasons: ``{transport: why it cannot be used}``.
    :raises TransportUnavailable: there is none, with the reasons.
    """
    usable = [
        name
        for name in possible
        if name in enabled and wanted in ('auto', name)
    ]
    if usable:
        return usable
    told = {
        name: reason
        for name, reason in reasons.items()
        if wanted in ('auto', name)
    } or {wanted: 'the source has no such transport'}
    raise errors.TransportUnavailable(
        machine=machine.name,
        reason='; '.join(f'{name}: {why}' for name, why in told.items()),
    )


def _check_disk(machine, disk):
    names = {'machine': machine.name, 'disk': disk.label}
    if disk.kind == 'rdm':
        raise errors.MachineDiskRdm(**names)
    if disk.encrypted:
        raise errors.MachineDiskEncrypted(**names)
    if disk.has_parent:
        raise errors.MachineHasSnapshots(**names)
    if disk.sharing != 'sharingNone':
        raise errors.MachineDiskShared(**names)
    if disk.kind != 'flat' or not disk.path:
        raise errors.MachineDiskUnsupported(
            **names, reason=f'its format is {disk.kind}'
        )
