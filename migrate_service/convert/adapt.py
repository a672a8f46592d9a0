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

"""Look, decide and change in one appliance: each start of one is dear."""

from migrate_service.convert import change
from migrate_service.convert import examine
from migrate_service.convert import guest as guests
from migrate_service.convert import model
from migrate_service.convert import plan as plans


def run(disks, request, directory):
    """Serve the task ``adapt``.

    The request holds ``known`` (an inspection or None), ``requested``,
    ``firmware`` and ``macs``. A ``full`` conversion is decided, not made.

    :returns: ``{'inspection', 'decision', 'changes', 'warnings'}``.
    """
    known = request['known'] and model.Inspection.from_dict(request['known'])
    with guests.appliance(disks, readonly=False) as handle:
        found = examine.look(handle, len(disks), directory, known)
        plan = plans.make(
            found,
            requested=request['requested'],
            firmware=request['firmware'],
            macs=request['macs'],
        )
        kind = plan.decision.kind
        done: dict = {'changes': [], 'warnings': []}
        if plan.writes and kind != model.FULL:
            pins = plan.pins
            done = change.make(handle, found, plan.decision, pins, directory)
    return {
        'inspection': found.to_dict(),
        'decision': plan.decision.to_dict(),
        'changes': done['changes'],
        'warnings': [*plan.warnings, *done['warnings']],
    }
