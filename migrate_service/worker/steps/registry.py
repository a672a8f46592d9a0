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


"""The function of each step, by the name that the pipelines use."""

from migrate_service.worker.steps import await_acceptance
from migrate_service.worker.steps import await_cutover
from migrate_service.worker.steps import clone_volumes
from migrate_service.worker.steps import collect_evidence
from migrate_service.worker.steps import convert
from migrate_service.worker.steps import convert_clones
from migrate_service.worker.steps import copy_disks
from migrate_service.worker.steps import create_isolated_server
from migrate_service.worker.steps import create_server
from migrate_service.worker.steps import final_copy
from migrate_service.worker.steps import inspect
from migrate_service.worker.steps import isolate_network
from migrate_service.worker.steps import plan_conversion
from migrate_service.worker.steps import precopy
from migrate_service.worker.steps import prepare_guest
from migrate_service.worker.steps import probe
from migrate_service.worker.steps import probe_isolated
from migrate_service.worker.steps import release_source
from migrate_service.worker.steps import remove_created
from migrate_service.worker.steps import remove_rehearsal
from migrate_service.worker.steps import remove_snapshots
from migrate_service.worker.steps import reserve
from migrate_service.worker.steps import restore_replica
from migrate_service.worker.steps import restore_source
from migrate_service.worker.steps import stop_server
from migrate_service.worker.steps import stop_source
from migrate_service.worker.steps import verify

#: Each takes the ``worker.work.Work``, and returns None or ``'wait'``.
STEPS = {
    'inspect': inspect.run,
    'reserve': reserve.run,
    'precopy': precopy.run,
    'plan_conversion': plan_conversion.run,
    'await_cutover': await_cutover.run,
    'prepare_guest': prepare_guest.run,
    'stop_source': stop_source.run,
    'copy_disks': copy_disks.run,
    'final_copy': final_copy.run,
    'verify': verify.run,
    'convert': convert.run,
    'create_server': create_server.run,
    'probe': probe.run,
    'await_acceptance': await_acceptance.run,
    'release_source': release_source.run,
    'isolate_network': isolate_network.run,
    'clone_volumes': clone_volumes.run,
    'convert_clones': convert_clones.run,
    'create_isolated_server': create_isolated_server.run,
    'probe_isolated': probe_isolated.run,
    'collect_evidence': collect_evidence.run,
    'remove_rehearsal': remove_rehearsal.run,
    'remove_server': stop_server.run,
    'return_source': restore_source.run,
    'restore_replica': restore_replica.run,
    'stop_server': stop_server.run,
    'restore_source': restore_source.run,
    'remove_snapshots': remove_snapshots.run,
    'remove_created': remove_created.run,
}
