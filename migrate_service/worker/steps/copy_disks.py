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


"""Copy all disks in parallel, from where a former attempt came to.

Where a server ran from the volumes and was given up for the source, the disks
are compared with what the volumes are known to hold, and copied where needed.
"""

from migrate_service.worker.steps import copying
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import rounds
from migrate_service.worker.steps import transport


def run(work):
    """Copy the disks; the source is off before, meanwhile and after."""
    with work.open_source() as source, work.open_destination() as destination:
        ends.check_off(work, source)
        with ends.attached(work, destination) as sinks:
            manifests = transport.reading(
                work,
                source,
                lambda exports: _copy(work, source, sinks, exports),
            )
        ends.check_off(work, source)
    copying.store_digests(work, manifests)
    work.save()


def _copy(work, source, sinks, exports):
    if 'warm' not in work.checkpoint:
        return copying.copy(work, sinks, exports)
    rounds.copy(work, source, sinks, exports, None, content='off')
    return copying.manifests(work)
