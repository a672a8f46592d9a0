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


"""Look at both ends, and refuse before anything is created."""

from migrate_service.drivers import errors
from migrate_service.worker.steps import judgement
from migrate_service.worker.steps import reach
from migrate_service.worker.steps import suitability
from migrate_service.worker.steps import transport


def run(work):
    """Store the machine, the transport and the flavor."""
    _check_probe(
        work.options.get('probe') or {}, work.conf.worker.probe_namespace
    )
    warm = work.lease.get('migration_kind') == 'warm'
    with work.open_source() as source:
        machine = source.machine(work.machine_id)
        suitability.check(machine)
        if warm:
            suitability.check_warm(machine)
        transport.choose(work, source, machine, warm=warm)
        known = judgement.of_source(work, source, machine)
    work.check()
    with work.open_destination() as destination:
        found = destination.check(machine, work.options)
        target = destination.facts(work.options)
    warnings = judgement.judge(work, machine, target=target, **known)
    work.checkpoint['machine'] = machine.to_dict()
    work.checkpoint['flavor'] = {
        'id': found['flavor_id'],
        'name': found['flavor_name'],
    }
    work.checkpoint['volumes'] = {}
    work.checkpoint['ports'] = {}
    work.result['flavor_id'] = found['flavor_id']
    work.warnings += warnings


def _check_probe(options, namespace):
    """Refuse at the beginning what could only fail at the end."""
    for probe in reach.wanted(options):
        if not namespace:
            raise errors.ProbeUnsupported(probe=probe)
