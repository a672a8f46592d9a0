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


"""Rehearsal: does the guest boot, and answer on its isolated network?"""

from migrate_service.drivers import errors
from migrate_service.worker.steps import isolated
from migrate_service.worker.steps import probe
from migrate_service.worker.steps import reach
from migrate_service.worker.steps import rehearsal


def run(work):
    """Return when every probe was good; what they saw is kept.

    :raises ProbeTimeout: one was not answered in time.
    :raises ProbePanic: and its subclasses: the guest does not boot.
    """
    state = rehearsal.state_of(work)
    options = isolated.possible_probes(work)
    found = state['result']['probes'] = {}
    with work.open_destination() as destination:
        probe.check_active(destination, state['server_id'])
        if options.get('console') is not False:
            found['console'] = _watch(work, destination, options)
    if reach.wanted(options):
        with isolated.namespace(work) as name:
            addresses = reach.addresses_of(state['ports'])
            timeout = options.get('timeout') or probe.TIMEOUT
            reach.answer(work, options, timeout, name, addresses, found)


def _watch(work, destination, options):
    """Return the good sign on the console: without one nothing is proved."""
    server_id = rehearsal.state_of(work)['server_id']
    sign = probe.watch(
        work, destination, server_id, options, seen=lambda text: None
    )
    if sign is None:
        what = options.get('expect') or 'A login prompt'
        raise errors.ProbeTimeout(
            what=f'{what} on the console',
            seconds=options.get('timeout') or probe.TIMEOUT,
        )
    return sign
