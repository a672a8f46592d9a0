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
from migrate_service.convert import hardware
from migrate_service.convert import model
from migrate_service.convert import nics
from migrate_service.convert import plan as plans
from migrate_service.convert import process
from migrate_service.convert import v2v


def convert(
    disks,
    *,
    known=None,
    requested='auto',
    macs,
    firmware,
    secure_boot=False,
    on_full=lambda: None,
    workdir,
    log,
    check,
    env,
):
    """Decide what the guest needs and do it; idempotent.

    One appliance does all but ``full``, which takes one more beside those
    of virt-v2v.

    :param disks: ``model.Disk`` in boot order, all of the machine; written.
    :param known: ``model.Inspection`` of an earlier look, which makes this
        one quicker.
    :param requested: as for ``decision.decide``.
    :param macs: hardware addresses of the NICs in the source's order; the
        ports must keep them.
    :param firmware: ``bios`` or ``efi``.
    :param secure_boot: whether the source machine had it enabled.
    :param on_full: called before virt-v2v changes the guest.
    :param workdir, log, check, env: as for ``inspection.inspect``.
    :returns: ``(model.Conversion, model.Inspection)``.
    :raises ApplianceFailed, ConversionFailed, NoSpace, DriversMissing: with
        code and remedy; and what ``decision.decide`` raises. Call this again
        for a guest that was half changed, but after a ``full`` that was cut
        short start from the copied disks: virt-v2v can not resume.
    """
    start = time.monotonic()
    runtime = {'workdir': workdir, 'log': log, 'check': check, 'env': env}
    request = {
        'disks': [[disk.path, disk.format] for disk in disks],
        'known': known and known.to_dict(),
        'requested': requested,
        'firmware': firmware,
        'macs': macs,
    }
    answer = process.run('adapt', request, **runtime)
    inspection = model.Inspection.from_dict(answer['inspection'])
    decision = model.Decision.from_dict(answer['decision'])
    changes, warnings = answer['changes'], answer['warnings']
    if decision.kind == model.FULL:
        on_full()
        decision, changes, more = _full(
            disks, inspection, decision, macs, firmware, runtime
        )
        warnings += more
    made = model.Conversion(
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
    return made, inspection


def untouched(plan, *, firmware, secure_boot=False):
    """Return the ``model.Conversion`` of a guest that needs no change.

    :param plan: ``plan.Plan`` that writes nothing.
    """
    return model.Conversion(
        kind=plan.decision.kind,
        warnings=plan.warnings,
        image_properties=hardware.image_properties(
            plan.inspection,
            plan.decision,
            firmware=firmware,
            secure_boot=secure_boot,
            disks=plan.inspection.disks,
        ),
    )


def _full(disks, inspection, decision, macs, firmware, runtime):
    """Run virt-v2v, and then what it leaves undone.

    :returns: the decision as it turned out, changes, warnings.
    """
    warnings = []
    if not v2v.convert(disks, inspection, **runtime):
        decision = decisions.without_virtio(decision, firmware)
        warnings.append(decision.warnings[-1])
    changes = ['virt-v2v converted the guest; see the log.']
    pins, _unmatched = nics.pins(inspection.interfaces, macs)
    if not plans.needs_change(inspection, decision, pins):
        return decision, changes, warnings
    request = {
        'disks': [[disk.path, disk.format] for disk in disks],
        'inspection': inspection.to_dict(),
        'decision': decision.to_dict(),
        'pins': pins,
    }
    answer = process.run('change', request, **runtime)
    changes += answer['changes']
    return decision, changes, warnings + answer['warnings']
