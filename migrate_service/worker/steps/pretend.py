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

"""Stands in for ``convert`` where the cloud is a fake: no guest is there."""


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


#: What stands in for the step of that name.
STEPS = {'convert': convert, 'plan_conversion': plan_conversion}
