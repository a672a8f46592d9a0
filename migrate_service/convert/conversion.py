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

"""Convert a guest in place, in child processes."""

import time

from migrate_service.convert import decision as decisions
from migrate_service.convert import efi
from migrate_service.convert import hardware
from migrate_service.convert import model
from migrate_service.convert import nics
from migrate_service.convert import process
from migrate_service.convert import v2v


def convert(
    disks,
    inspection,
    decision,
    *,
    macs,
    firmware,
    secure_boot=False,
    workdir,
    log,
    check,
    env,
):
    """Carry out a decision on the disks of a machine; idempotent.

    :param disks: ``model.Disk`` in boot order, all of the machine; written.
    :param inspection: ``model.Inspection`` of the same disks.
    :param decision: ``model.Decision`` from ``decision.decide``.
    :param macs: hardware addresses of the NICs in the source's order; the
        ports must keep them.
    :param firmware: ``bios`` or ``efi``.
    :param secure_boot: whether the source machine had it enabled.
    :param workdir, log, check, env: as for ``inspection.inspect``.
    :returns: ``model.Conversion``.
    :raises ApplianceFailed, ConversionFailed, NoSpace, DriversMissing: with
        code and remedy. Call this again for a guest that was half changed,
        but after a ``full`` that was cut short start from the copied disks:
        virt-v2v can not resume.
    """
    start = time.monotonic()
    runtime = {'workdir': workdir, 'log': log, 'check': check, 'env': env}
    changes = []
    if decision.kind == model.FULL:
        if not v2v.convert(disks, inspection, **runtime):
            decision = decisions.without_virtio(decision, firmware)
        changes.append('virt-v2v converted the guest; see the log.')
    pins, unmatched = nics.pins(inspection.interfaces, macs)
    warnings = [*decision.warnings, *unmatched]
    if needs_change(inspection, decision, pins):
        request = {
            'disks': [[disk.path, disk.format] for disk in disks],
            'inspection': inspection.to_dict(),
            'decision': decision.to_dict(),
            'pins': pins,
        }
        answer = process.run('change', request, **runtime)
        changes += answer['changes']
        warnings += answer['warnings']
    return model.Conversion(
        kind=decision.kind,
        changes=tuple(changes),
        warnings=tuple(warnings),
        image_properties=hardware.image_properties(
            inspection,
            decision,
            firmware=firmware,
            secure_boot=secure_boot,
            disks=len(disks),
        ),
        seconds=round(time.monotonic() - start, 1),
    )


def needs_change(inspection, decision, pins):
    """Return whether the appliance must be started to change the guest."""
    if inspection.outcome != model.SYSTEM:
        return False
    esp = inspection.esp
    return bool(
        decision.kind == model.MINIMAL
        or pins
        or (esp and efi.fallback_copies(esp, inspection.distro))
    )
