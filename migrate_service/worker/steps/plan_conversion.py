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


"""Work out, while the source runs, what the conversion is going to do.

Nobody writes to the replica between two rounds, and this looks at it
read-only: what the appliance itself writes goes to a file that is thrown
away. So no clone is needed, and nothing is left to be removed.

Whoever changes the running guest on purpose drops ``checkpoint['plan']``: the
next round then looks again.
"""

import datetime

from migrate_service import exceptions
from migrate_service.convert import inspection as inspections
from migrate_service.convert import model
from migrate_service.convert import plan as plans
from migrate_service.worker.steps import ends

#: Seconds of peace before the next round that a second look is worth.
PEACE = 30


def run(work):
    """Make the plan when it is due; none is no reason to fail."""
    if not due(work):
        return
    try:
        found = _look(work)
        plan = _plan(work, found)
    except exceptions.StepFailed as error:
        work.checkpoint.pop('plan', None)
        work.progress['conversion'] = _problem(work, error)
    else:
        work.checkpoint['plan'] = {
            'inspection': found.to_dict(),
            'round': _last_round(work),
        }
        work.progress['conversion'] = _shown(work, plan)
    work.save()


def of(work):
    """Return the ``convert.plan.Plan`` that was made, or None.

    What a plan follows from may differ from what was asked for meanwhile,
    hence only the inspection is kept.
    """
    known = work.checkpoint.get('plan')
    if not known:
        return None
    try:
        return _plan(work, model.Inspection.from_dict(known['inspection']))
    except exceptions.StepFailed:
        return None


def holds(work):
    """Return whether the plan tells what the guest would boot with now."""
    plan = of(work)
    written = None if plan is None else _written(work)
    return written is not None and plans.holds(plan, written)


def due(work):
    """Return whether a look now is worth its time.

    A guest that is changed in the cutover is looked at there again, beside
    the change. Only the word that it needs none must be kept fresh.
    """
    wait = work.checkpoint.get('wake_after') or 0
    plan = of(work)
    if plan is None:
        return wait > 0
    return not plan.writes and wait >= PEACE and not holds(work)


def disks_of(work, sinks):
    """Return the ``convert.model.Disk`` of all disks of the machine."""
    return [
        model.Disk(sinks[disk.key].path, sinks[disk.key].format)
        for disk in ends.machine_of(work).disks
    ]


def macs_of(work):
    """Return the hardware addresses of the ports, in the source's order."""
    ports = work.checkpoint['ports']
    return [ports[nic.key]['mac'] for nic in ends.machine_of(work).nics]


def _look(work):
    with (
        work.open_destination() as destination,
        ends.attached(work, destination) as sinks,
    ):
        return inspections.inspect(
            disks_of(work, sinks),
            workdir=work.workdir,
            log=work.log('inspect'),
            check=work.check,
            env={},
        )


def _plan(work, found):
    return plans.make(
        found,
        requested=work.options.get('convert') or 'auto',
        firmware=ends.machine_of(work).firmware,
        macs=macs_of(work),
    )


def _last_round(work):
    rounds = work.progress.get('rounds') or [{'number': 0}]
    return rounds[-1]['number']


def _written(work):
    """Return the bytes copied since the look; None when nobody knows."""
    seen = work.checkpoint['plan']['round']
    rounds = work.progress.get('rounds') or []
    if rounds and rounds[0]['number'] > seen + 1:
        return None
    last = work.result.get('final_copy') or {}
    return last.get('bytes', 0) + sum(
        made['bytes'] for made in rounds if made['number'] > seen
    )


def _shown(work, plan):
    decision = plan.decision
    return {
        'kind': decision.kind,
        'writes': plan.writes,
        'reasons': list(decision.reasons),
        'warnings': list(plan.warnings),
        'product': plan.inspection.product,
        'disk_bus': decision.disk_bus,
        'nic_model': decision.nic_model,
        'round': _last_round(work),
        'planned_at': _now(),
        'error': None,
    }


def _problem(work, error):
    told = error.to_dict()
    return {
        'kind': None,
        'writes': None,
        'reasons': [],
        'warnings': [],
        'product': None,
        'disk_bus': None,
        'nic_model': None,
        'round': _last_round(work),
        'planned_at': _now(),
        'error': {name: told[name] for name in ('code', 'message', 'remedy')},
    }


def _now():
    now = datetime.datetime.now(datetime.UTC)
    return now.isoformat(timespec='milliseconds').replace('+00:00', 'Z')
