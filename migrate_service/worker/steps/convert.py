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


"""Make the guest boot on its new hardware."""

from migrate_service.convert import conversion
from migrate_service.convert import model
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import plan_conversion
from migrate_service.worker.steps import rereading

#: What ``conversion['begun']`` says of changes that can be repeated.
CHANGES = 'changes'


def run(work):
    """Convert all disks of the machine in one go, once.

    The checkpoint says before anything is changed what was begun. What
    virt-v2v left half done is not converted again: the bytes of the source
    are brought back first.

    :raises MachineRestarted: before the first change only.
    """
    state = work.checkpoint.setdefault('conversion', {})
    if not state:
        _check_off(work)
    with work.open_destination() as destination:
        if not state.get('done') and not needless(work, state):
            with ends.attached(work, destination) as sinks:
                if state.get('begun') == model.FULL:
                    rereading.compare_and_mend(work, sinks, mode='full')
                macs = plan_conversion.macs_of(work)
                convert(work, state, sinks, macs)
        boot = ends.machine_of(work).disks[0].key
        destination.set_image_properties(
            work.checkpoint['volumes'][boot]['id'],
            state['done']['image_properties'],
        )
    done = state['done']
    work.warnings += done['warnings']
    work.result['conversion'] = told(done)


def told(done):
    """Return what a user sees of a conversion that is done."""
    names = ('kind', 'changes', 'seconds', 'image_properties')
    return {name: done[name] for name in names}


def _check_off(work):
    """Refuse to change a replica that is behind its source."""
    with work.open_source() as source:
        ends.check_off(work, source)


def needless(work, state):
    """Take the plan's word that the guest needs no change, where it holds.

    No appliance is started then, which is most of a conversion.
    """
    plan = plan_conversion.of(work)
    if plan is None or plan.writes or not plan_conversion.holds(work):
        return False
    machine = ends.machine_of(work)
    done = conversion.untouched(
        plan, firmware=machine.firmware, secure_boot=machine.secure_boot
    )
    state['done'] = done.to_dict()
    work.save()
    return True


def convert(work, state, sinks, macs):
    """Convert the disks of the machine in a set of volumes.

    :param state: of the checkpoint: gets ``begun``, then ``done``.
    :param sinks: ``{disk key: Sink}``.
    :param macs: of the ports of the server to come, in the order of NICs.
    """
    machine = ends.machine_of(work)
    plan = plan_conversion.of(work)

    def on_full():
        # Else what was begun can be repeated as it is.
        state['begun'] = model.FULL
        work.save()

    state.setdefault('begun', CHANGES)
    work.save()
    done, found = conversion.convert(
        plan_conversion.disks_of(work, sinks),
        known=plan and plan.inspection,
        requested=work.options.get('convert') or 'auto',
        macs=macs,
        firmware=machine.firmware,
        secure_boot=machine.secure_boot,
        on_full=on_full,
        log=work.log('convert'),
        workdir=work.workdir,
        check=work.check,
        env={},
    )
    work.checkpoint['inspection'] = found.to_dict()
    state['done'] = done.to_dict()
    work.save()
