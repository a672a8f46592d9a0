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


"""Rehearsal: convert the clones as the cutover will convert the replica."""

from migrate_service.convert import model
from migrate_service.worker.steps import clone_volumes
from migrate_service.worker.steps import convert
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import rehearsal
from migrate_service.worker.steps import remove_created


def run(work):
    """Convert all clones in one go, once.

    What virt-v2v left half done is cloned again.
    """
    state = rehearsal.state_of(work)
    conversion = state['conversion']
    with work.open_destination() as destination:
        if not conversion.get('done'):
            if conversion.get('begun') == model.FULL:
                _clone_again(work, destination)
            if not convert.needless(work, conversion):
                _convert(work, destination)
        boot = ends.machine_of(work).disks[0].key
        destination.set_image_properties(
            state['volumes'][boot]['id'],
            conversion['done']['image_properties'],
        )
    state['result']['conversion'] = convert.told(conversion['done'])


def _convert(work, destination):
    state = rehearsal.state_of(work)
    ports = state['ports']
    macs = [ports[nic.key]['mac'] for nic in ends.machine_of(work).nics]
    volumes, prefix = state['volumes'], rehearsal.PREFIX
    with ends.attached(work, destination, volumes, prefix) as sinks:
        convert.convert(work, state['conversion'], sinks, macs)


def _clone_again(work, destination):
    for entry in work.ledger.left('volume'):
        if entry['key'].startswith(rehearsal.PREFIX):
            remove_created.remove(work, destination, entry)
            key = entry['key'].removeprefix(rehearsal.PREFIX)
            clone_volumes.clone(work, destination, key)
