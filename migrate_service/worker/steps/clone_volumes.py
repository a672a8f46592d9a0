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


"""Rehearsal: clone the replica, which no node has attached between rounds.

Each round ends with a flush and a detachment, so that the clones hold what
the source held at the last snapshot.
"""

from migrate_service.drivers import base
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import rehearsal


def run(work):
    """Ensure a clone of each volume."""
    with work.open_destination() as destination:
        for disk in ends.machine_of(work).disks:
            work.check()
            clone(work, destination, disk.key)


def clone(work, destination, key):
    """Ensure the clone of the volume of one disk."""
    replica = work.checkpoint['volumes'][key]
    request = base.VolumeRequest(
        key=key,
        name=rehearsal.name_of(work),
        size=replica['size'],
        clone_of=replica['id'],
    )
    entry = rehearsal.PREFIX + key
    work.ledger.intend('volume', entry, name=request.name)
    volume = destination.ensure_volume(request, rehearsal.owner(work))
    work.ledger.present('volume', entry, volume['id'])
    rehearsal.state_of(work)['volumes'][key] = volume
