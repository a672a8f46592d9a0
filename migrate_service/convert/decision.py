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

"""Which conversion a guest needs: the least change that surely boots.

none     every kernel finds its disk on virtio as it is
minimal  the kernel has the drivers, its initramfs lacks them
full     virt-v2v: Windows, and Linux that neither of these serves
"""

import dataclasses
import re

from migrate_service.convert import errors
from migrate_service.convert import model

KINDS = ('auto', model.NONE, model.MINIMAL, model.FULL)
#: Distributions that virt-v2v 2.2 converts, in libguestfs's words.
V2V_DISTRIBUTIONS = frozenset(
    'almalinux altlinux centos circle debian fedora kalilinux linuxmint'
    ' opensuse oraclelinux redhat-based rhel rocky scientificlinux sles'
    ' suse-based ubuntu'.split()
)
#: What may be extended without running code of the guest.
EXTENSIBLE = ('initramfs-tools', 'dracut')
UNKNOWN = {
    model.EMPTY: 'no operating system was found',
    model.SEVERAL: 'several operating systems were found',
    model.ENCRYPTED: 'the disks are encrypted inside the guest',
}


def decide(inspection, *, requested='auto', firmware='bios'):
    """Return the ``model.Decision`` for an inspected guest; pure.

    :param inspection: ``model.Inspection``.
    :param requested: ``auto``, ``none``, ``minimal`` or ``full``.
    :param firmware: ``bios`` or ``efi``, of the source machine.
    :raises ConversionImpossible: what was requested cannot work.
    :raises GuestHibernated: Windows must be shut down properly first.
    """
    if requested not in KINDS:
        _refuse(requested, f'there are only {", ".join(KINDS)}')
    if inspection.outcome != model.SYSTEM:
        return _unknown(UNKNOWN[inspection.outcome], requested, firmware)
    if inspection.type == 'windows':
        return _windows(inspection, requested, firmware)
    if inspection.type != 'linux':
        reason = f'{inspection.type} cannot be converted'
        return _unknown(reason, requested, firmware)
    return _linux(inspection, requested, firmware)


def ready(kernel, bus='virtio'):
    """Return whether a kernel finds its disk on virtio by itself."""
    driver = 'virtio_blk' if bus == 'virtio' else 'virtio_scsi'
    return {'virtio_pci', driver} <= {*kernel.initrd_modules, *kernel.builtin}


def extensible(kernel, bus='virtio'):
    """Return whether the minimal conversion can make a kernel ready."""
    driver = 'virtio_blk' if bus == 'virtio' else 'virtio_scsi'
    have = {*kernel.modules, *kernel.builtin}
    return kernel.initrd_kind in EXTENSIBLE and {'virtio_pci', driver} <= have


def without_virtio(decision, firmware):
    """Return a decision for a guest that virt-v2v gave no virtio drivers."""
    warning = 'virt-v2v found no virtio drivers for the guest.'
    return dataclasses.replace(
        decision,
        warnings=(*decision.warnings, warning),
        **_emulated(firmware),
    )


def _emulated(firmware):
    """The hardware that most systems can boot without any preparation.

    e1000e is a PCI Express card: libvirt refuses it on the machine type pc,
    which IDE needs.
    """
    if firmware == 'efi':
        return {'disk_bus': 'sata', 'nic_model': 'e1000e'}
    return {'disk_bus': 'ide', 'nic_model': 'e1000'}


def _refuse(requested, reason):
    raise errors.ConversionImpossible(requested=requested, reason=reason)


def _unknown(reason, requested, firmware):
    if requested in (model.MINIMAL, model.FULL):
        _refuse(requested, reason)
    hardware = _emulated(firmware)
    warning = (
        f'The guest is not converted: {reason}. It gets '
        f'{hardware["disk_bus"].upper()} disks and {hardware["nic_model"]} '
        'network cards, which are slower than virtio.'
    )
    return model.Decision(
        kind=model.NONE, reasons=(reason,), warnings=(warning,), **hardware
    )


def _windows(inspection, requested, firmware):
    if requested == model.MINIMAL:
        _refuse(requested, 'Windows needs the conversion "full"')
    facts = inspection.windows or model.Windows()
    if requested == model.NONE:
        if {'viostor', 'netkvm'} <= set(facts.virtio_drivers):
            reasons = ('Windows has virtio drivers already',)
            return model.Decision(kind=model.NONE, reasons=reasons)
        return _unknown('it was not asked for', 'auto', firmware)
    if facts.hibernated:
        raise errors.GuestHibernated
    reasons = ('Windows needs virtio drivers and registry changes',)
    return model.Decision(kind=model.FULL, reasons=reasons)


def _linux(inspection, requested, firmware):
    bus, reasons = _bus(inspection)
    if bus is None:
        return _renamed(inspection, requested, firmware, reasons[0])
    kernels = inspection.kernels
    default = next((k for k in kernels if k.default), None)
    late = [k for k in kernels if not ready(k, bus)]
    able = default is not None and (
        ready(default, bus) or extensible(default, bus)
    )
    if requested == model.FULL:
        return _full(inspection, requested, firmware, 'it was asked for')
    if requested == model.NONE and default in late:
        reason = 'it was not asked for, and its initramfs has no virtio'
        return _unknown(reason, 'auto', firmware)
    if not able:
        reason = _why_not(default, bus)
        if requested == model.MINIMAL:
            _refuse(requested, reason)
        return _full(inspection, requested, firmware, reason)
    kind = requested
    if requested == 'auto':
        some = any(extensible(k, bus) for k in late)
        kind = model.MINIMAL if some else model.NONE
    return model.Decision(
        kind=kind,
        disk_bus=bus,
        nic_model=_nic_model(default, firmware),
        reasons=(*_kernel_reasons(kind, late), *reasons),
        warnings=tuple(_warnings(inspection, kind, late, bus, firmware)),
    )


def _bus(inspection):
    """Return the bus on which the guest finds its disks, and why.

    A single disk named /dev/sda keeps that name on virtio-scsi. Several do
    not: Linux probes SCSI disks in parallel, and they swapped in a test.
    """
    names = inspection.named_devices
    if not names:
        return 'virtio', ()
    fixed = [n for n in names if not re.fullmatch(r'/dev/sd[a-z]+\d*', n)]
    if fixed:
        _refuse(
            'auto',
            f'the guest depends on the device name {fixed[0]} in fstab or '
            'on its kernel command line, which exists only at the source; '
            'use UUID= there',
        )
    if inspection.disks > 1:
        reason = f'the guest names one of several disks as {names[0]}'
        return None, (reason,)
    reason = f'the guest names its disk as {names[0]}: virtio-scsi keeps that'
    return 'scsi', (reason,)


def _why_not(default, bus):
    if default is None:
        return 'no kernel was found in /boot'
    if default.initrd_problem:
        return f'{default.initrd} is unreadable: {default.initrd_problem}'
    if default.initrd_kind is None:
        return f'the kernel {default.version} has no initramfs in /boot'
    if default.initrd_kind not in EXTENSIBLE:
        return f'{default.initrd} was made by an unknown tool'
    return f'the kernel {default.version} has no virtio drivers for {bus}'


def _renamed(inspection, requested, firmware, reason):
    """Only virt-v2v rewrites the names of disks inside a guest."""
    if requested == model.MINIMAL:
        _refuse(requested, reason)
    if requested == model.NONE:
        return _unknown(
            f'it was not asked for, and {reason}', 'auto', firmware
        )
    return _full(inspection, requested, firmware, reason)


def _full(inspection, requested, firmware, reason):
    if inspection.distro not in V2V_DISTRIBUTIONS:
        why = f'{reason}, and virt-v2v does not know {inspection.distro}'
        return _unknown(why, requested, firmware)
    return model.Decision(kind=model.FULL, reasons=(reason,))


def _nic_model(kernel, firmware):
    if 'virtio_net' in {*kernel.modules, *kernel.builtin}:
        return 'virtio'
    return _emulated(firmware)['nic_model']


def _kernel_reasons(kind, late):
    if not late:
        return ('virtio is in the initramfs of every kernel',)
    versions = ', '.join(kernel.version for kernel in late)
    return (f'virtio is not in the initramfs of {versions}',)


def _warnings(inspection, kind, late, bus, firmware):
    for kernel in late:
        if kind == model.NONE or not extensible(kernel, bus):
            yield f'The kernel {kernel.version} will not boot on virtio.'
    if firmware == 'efi' and inspection.esp is None:
        yield 'The machine boots by EFI, but has no EFI system partition.'
    yield from inspection.problems
