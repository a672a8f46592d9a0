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

"""What a conversion is going to do: worked out before anything is changed."""

import dataclasses

from migrate_service.convert import decision as decisions
from migrate_service.convert import efi
from migrate_service.convert import model
from migrate_service.convert import nics

#: An initramfs that was made anew is rarely smaller than this part of the
#: smallest one that the guest had.
PART = 0.25


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """A decision with what it means for this guest; pure data.

    ``pins`` is ``[(name, mac)]``; ``warnings`` tells of cards without a
    name; ``writes`` is whether the guest must be changed at all.
    """

    inspection: model.Inspection
    decision: model.Decision
    pins: tuple
    warnings: tuple[str, ...]
    writes: bool


def make(inspection, *, requested, firmware, macs):
    """Return the :class:`Plan` for an inspected guest; pure.

    :param requested, firmware: as for ``decision.decide``.
    :param macs: hardware addresses of the ports, in the source's order.
    :raises ConversionImpossible, GuestHibernated: see ``decision.decide``.
    """
    decision = decisions.decide(
        inspection, requested=requested, firmware=firmware
    )
    pins, unmatched = nics.pins(inspection.interfaces, macs)
    return Plan(
        inspection=inspection,
        decision=decision,
        pins=tuple(pins),
        warnings=(*decision.warnings, *unmatched),
        writes=decision.kind == model.FULL
        or needs_change(inspection, decision, pins),
    )


def needs_change(inspection, decision, pins):
    """Return whether an appliance must be started to change the guest."""
    if inspection.outcome != model.SYSTEM:
        return False
    esp = inspection.esp
    return bool(
        decision.kind == model.MINIMAL
        or pins
        or (esp and efi.fallback_copies(esp, inspection.distro))
    )


def smallest_initramfs(inspection):
    """Return the bytes of the smallest initramfs that may boot, or 0."""
    sizes = [kernel.initrd_size for kernel in inspection.kernels]
    return min(sizes, default=0)


def holds(plan, written):
    """Return whether a plan still tells what the guest boots with; pure.

    A guest that got another kernel or initramfs wrote at least a good part
    of the bytes of one.

    :param written: bytes that the guest wrote since it was looked at.
    """
    smallest = smallest_initramfs(plan.inspection)
    return plan.inspection.type == 'linux' and written < smallest * PART
