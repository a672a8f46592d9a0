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
from migrate_service.convert import decision
from migrate_service.convert import inspection
from migrate_service.convert import model
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import rereading


def run(work):
    """Convert all disks of the machine in one go, once.

    The checkpoint says before the first change which kind was begun. What
    virt-v2v left half done is not converted again: the bytes of the source
    are brought back first.
    """
    state = work.checkpoint.setdefault('conversion', {})
    with work.open_destination() as destination:
        if not state.get('done'):
            with ends.attached(work, destination) as sinks:
                if state.get('begun') == model.FULL:
                    rereading.compare_and_mend(work, sinks, mode='full')
                _convert(work, state, sinks)
        boot = ends.machine_of(work).disks[0].key
        destination.set_image_properties(
            work.checkpoint['volumes'][boot]['id'],
            state['done']['image_properties'],
        )
    done = state['done']
    work.warnings += done['warnings']
    work.result['conversion'] = {
        'kind': done['kind'],
        'changes': done['changes'],
        'seconds': done['seconds'],
        'image_properties': done['image_properties'],
    }


def _convert(work, state, sinks):
    machine = ends.machine_of(work)
    ports = work.checkpoint['ports']
    disks = [
        model.Disk(sinks[disk.key].path, sinks[disk.key].format)
        for disk in machine.disks
    ]
    runtime = {
        'workdir': work.workdir,
        'check': work.check,
        'env': {},
    }
    found = inspection.inspect(disks, log=work.log('inspect'), **runtime)
    chosen = decision.decide(
        found,
        requested=work.options.get('convert') or 'auto',
        firmware=machine.firmware,
    )
    work.checkpoint['inspection'] = found.to_dict()
    state['begun'] = chosen.kind
    work.save()
    done = conversion.convert(
        disks,
        found,
        chosen,
        macs=[ports[nic.key]['mac'] for nic in machine.nics],
        firmware=machine.firmware,
        secure_boot=machine.secure_boot,
        log=work.log('convert'),
        **runtime,
    )
    state['done'] = done.to_dict()
    work.save()
