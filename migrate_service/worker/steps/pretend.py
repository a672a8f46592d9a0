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

"""Stands in for conversions where the cloud is a fake: no guest is there."""

from migrate_service.worker.steps import ends
from migrate_service.worker.steps import rehearsal

#: What a pretended conversion writes at the start of a clone.
MARK = b'converted'


def convert(work):
    """Leave the disks as they are, and say so."""
    disk = work.checkpoint['machine']['disks'][0]['key']
    with work.open_destination() as destination:
        destination.set_image_properties(
            work.checkpoint['volumes'][disk]['id'], {'hw_disk_bus': 'virtio'}
        )
    work.checkpoint['conversion'] = {'done': {'kind': 'none'}}
    work.result['conversion'] = {'kind': 'none', 'changes': []}


def plan_conversion(work):
    """Plan nothing: there is no guest to look at."""


def convert_clones(work):
    """Write a mark to each clone: nobody may find it in the replica."""
    state = rehearsal.state_of(work)
    volumes = state['volumes']
    with (
        work.open_destination() as destination,
        ends.attached(work, destination, volumes, rehearsal.PREFIX) as sinks,
    ):
        for sink in sinks.values():
            with open(sink.path, 'r+b') as volume:
                volume.write(MARK)
    state['result']['conversion'] = {'kind': 'none', 'changes': []}


#: What stands in for the step of that name.
STEPS = {
    'convert': convert,
    'convert_clones': convert_clones,
    'plan_conversion': plan_conversion,
}
