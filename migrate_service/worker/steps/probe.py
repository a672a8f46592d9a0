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
        check_active(destination, work.checkpoint['server_id'])
        if options.get('console', True):
            _watch(work, destination, options)
    reach.check(work, options, options.get('timeout') or TIMEOUT)


def watch(work, destination, server_id, options, seen):
    """Return the line that shows the guest is up, or None if it is late.

    :param options: ``timeout``, in seconds; ``text`` that is to be waited
        for in the place of a login prompt.
    :param seen: called with the text of the console at each look.
    :raises ProbePanic: and its subclasses: the guest does not boot.
    """
    deadline = time.monotonic() + (options.get('timeout') or TIMEOUT)
    wanted = options.get('text')
    settled = None
    while True:
        text = destination.console(server_id)
        verdict = console.judge(text)
        seen(text)
        now = time.monotonic()
        if wanted and wanted in console.plain(text):
            return wanted
        if verdict.kind == console.UP and not wanted:
            settled = settled or now + SETTLE
            if verdict.prompt or now > settled:
                return verdict.line
        elif verdict.kind not in (None, console.UP):
            # The next cutover takes nobody's word for what the guest needs.
            work.checkpoint.pop('plan', None)
            raise _FAILURES[verdict.kind](line=verdict.line)
        elif now > deadline:
            return None
        work.sleep(INTERVAL)
        check_active(destination, server_id)


def check_active(destination, server_id):
    """Refuse a server that does not run.

    :raises TargetServerStopped: with its status.
    """
    server = destination.server(server_id)
    status = server['status'] if server else 'gone'
    if status != 'ACTIVE':
        raise target_errors.TargetServerStopped(
            server=server_id, status=status
        )


def _watch(work, destination, options):
    def seen(text):
        work.result['console'] = console.tail(text)

    server_id = work.checkpoint['server_id']
    sign = watch(work, destination, server_id, options, seen)
    work.result['probe'] = {'sign': sign}
    if sign is None:
        work.warnings.append(
            f'The console showed neither a login prompt nor an error within '
            f'{options.get("timeout") or TIMEOUT} seconds: look whether the '
            f'guest is up.'
        )
