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


"""Copy what changed since the last round from the machine that is off."""

from migrate_service.worker.steps import adaptation
from migrate_service.worker.steps import copying
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import rounds
from migrate_service.worker.steps import transport


def run(work):
    """Copy the last delta; no snapshot is made for it."""
    with work.open_source() as source, work.open_destination() as destination:
        ends.check_stopped(work, source)
        adaptation.follow(work, source.machine(work.machine_id))
        with ends.attached(work, destination) as sinks:
            done = transport.reading(
                work,
                source,
                lambda exports: rounds.copy(
                    work, source, sinks, exports, None, content='off'
                ),
            )
        ends.check_off(work, source)
    work.result['final_copy'] = {
        'methods': {key: method for key, (method, _size) in done.items()},
        'bytes': sum(size for _method, size in done.values()),
    }
    copying.store_digests(work, copying.manifests(work))
    work.save()
