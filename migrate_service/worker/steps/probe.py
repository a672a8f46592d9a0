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


"""Watch the server boot: active, no bad sign on its console, reachable."""

import time

from migrate_service.drivers import errors
from migrate_service.drivers.openstack import errors as target_errors
from migrate_service.worker.steps import console
from migrate_service.worker.steps import reach

#: Seconds that the guest has to show a good sign.
TIMEOUT = 600
#: Seconds to wait for a login prompt once the guest is up.
SETTLE = 15
INTERVAL = 3.0
_FAILURES = {
    console.PANIC: errors.ProbePanic,
    console.SHELL: errors.ProbeEmergencyShell,
    console.NOT_BOOTABLE: errors.ProbeNotBootable,
}


def run(work):
    """Return at a good sign, or with a warning when none came in time.

    :raises ProbePanic: and its subclasses: the guest does not boot.
    """
    options = work.options.get('probe') or {}
    with work.open_destination() as destination:
        _check_active(work, destination)
        if options.get('console', True):
            _watch(work, destination, options.get('timeout') or TIMEOUT)
    reach.check(work, options, options.get('timeout') or TIMEOUT)


def _watch(work, destination, timeout):
    deadline = time.monotonic() + timeout
    settled = None
    while True:
        text = destination.console(work.checkpoint['server_id'])
        verdict = console.judge(text)
        work.result['console'] = console.tail(text)
        now = time.monotonic()
        if verdict.kind == console.UP:
            settled = settled or now + SETTLE
            if verdict.prompt or now > settled:
                work.result['probe'] = {'sign': verdict.line}
                return
        elif verdict.kind:
            # The next cutover takes nobody's word for what the guest needs.
            work.checkpoint.pop('plan', None)
            raise _FAILURES[verdict.kind](line=verdict.line)
        elif now > deadline:
            break
        work.sleep(INTERVAL)
        _check_active(work, destination)
    work.result['probe'] = {'sign': None}
    work.warnings.append(
        f'The console showed neither a login prompt nor an error within '
        f'{timeout} seconds: look whether the guest is up.'
    )


def _check_active(work, destination):
    server_id = work.checkpoint['server_id']
    server = destination.server(server_id)
    status = server['status'] if server else 'gone'
    if status != 'ACTIVE':
        raise target_errors.TargetServerStopped(
            server=server_id, status=status
        )
