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


"""Watch the server boot: active, no bad sign on its console, reachable.

What the user demanded must be seen until the deadline, else the probe fails
and the source may be brought back by itself. A console that stays silent
proves nothing (many guests do not use the serial one): it is a warning, unless
the user demanded a sign on it. A bad sign fails the probe when it stays the
last word, as firmware and boot loaders try one disk after the other.
"""

import time

from migrate_service.drivers import errors
from migrate_service.drivers.openstack import errors as target_errors
from migrate_service.worker.steps import console
from migrate_service.worker.steps import reach

#: Seconds that the guest has to show what is expected of it.
TIMEOUT = 600
#: Seconds to wait for a login prompt once the guest is up, and for a better
#: sign after a bad one.
SETTLE = 15
INTERVAL = 3.0
_FAILURES = {
    console.PANIC: errors.ProbePanic,
    console.SHELL: errors.ProbeEmergencyShell,
    console.NOT_BOOTABLE: errors.ProbeNotBootable,
}


def run(work):
    """Return when all that was demanded was seen, or no sign is owed.

    :raises ProbePanic: and its subclasses: the guest does not boot.
    :raises ProbeTimeout: what was demanded was not seen in time.
    :raises TargetServerStopped: the server does not run any more.
    """
    options = work.options.get('probe') or {}
    with work.open_destination() as destination:
        try:
            _run(work, destination, options)
        except errors.DriverError as error:
            # The next cutover takes nobody's word for what the guest needs.
            work.checkpoint.pop('plan', None)
            _keep_evidence(work, destination, error)
            raise


def _run(work, destination, options):
    timeout = options.get('timeout') or TIMEOUT
    deadline = time.monotonic() + timeout
    reached = reach.Reach(work, options)
    watched = _Console(work, destination, options)
    while True:
        check_active(destination, work.checkpoint['server_id'])
        watched.look()
        reached.try_again()
        missing = reached.missing + watched.missing
        if not (missing or watched.open):
            return
        if time.monotonic() > deadline:
            break
        work.sleep(INTERVAL)
    watched.refuse_bad()
    if missing:
        raise errors.ProbeTimeout(what=' and '.join(missing), seconds=timeout)
    work.result['probe'] = {'sign': None}
    work.warnings.append(
        f'The console showed neither a login prompt nor an error within '
        f'{timeout} seconds: look whether the guest is up.'
    )


class _Console:
    """What the console has shown so far.

    ``missing`` are sentences on what was demanded of it and is not seen;
    ``open`` tells that a sign would be welcome, but is not owed: nothing was
    demanded of anybody.
    """

    def __init__(self, work, destination, options):
        self._work = work
        self._destination = destination
        self._wanted = options.get('console')
        self._text = options.get('expect')
        self._up_since = None
        self._bad_since = 0.0
        self._bad = None
        self._usual = self._wanted is None and not any(
            options.get(name) for name in (*reach.PROBES, 'expect')
        )
        self._up = False
        self._seen = False

    @property
    def missing(self):
        missing = []
        if self._text and not self._seen:
            missing.append(f'The text "{self._text}" on the console')
        if self._wanted and not self._up:
            missing.append('A login prompt on the console')
        return missing

    @property
    def open(self):
        return self._usual and not self._up

    def look(self):
        """Read the console.

        :raises ProbePanic: a bad sign has been its last word for a while.
        """
        if self._wanted is False and not self._text:
            return
        text = self._destination.console(self._work.checkpoint['server_id'])
        self._work.result['console'] = console.tail(text)
        if self._text and self._text in console.plain(text):
            self._seen = True
        self._judge(console.judge(text), time.monotonic())

    def refuse_bad(self):
        """Raise :class:`ProbePanic` if a bad sign is the last word."""
        if self._bad:
            raise _FAILURES[self._bad.kind](line=self._bad.line)

    def _judge(self, verdict, now):
        if verdict.kind not in _FAILURES:
            self._bad = None
        if verdict.kind == console.UP:
            self._up_since = self._up_since or now
            self._up = verdict.prompt or now >= self._up_since + SETTLE
            self._work.result['probe'] = {'sign': verdict.line}
        elif verdict.kind in _FAILURES:
            self._up_since, self._up = None, False
            if self._bad != verdict:
                self._bad, self._bad_since = verdict, now
            if now >= self._bad_since + SETTLE:
                self.refuse_bad()


def _keep_evidence(work, destination, error):
    """Keep what the console shows: the server may be gone soon."""
    server_id = work.checkpoint['server_id']
    text = ''
    try:
        text = console.tail(destination.console(server_id))
    except errors.DriverError as unread:
        work.warnings.append(f'The console could not be read: {unread}')
    work.result['failed_probe'] = error.to_dict() | {
        'server_id': server_id,
        'console': text,
    }


def watch(work, destination, server_id, options, seen):
    """Return the line that shows the guest is up, or None if it is late.

    :param options: ``timeout``, in seconds; ``expect``: a text to be waited
        for in the place of a login prompt.
    :param seen: called with the text of the console at each look.
    :raises ProbePanic: and its subclasses: the guest does not boot.
    """
    deadline = time.monotonic() + (options.get('timeout') or TIMEOUT)
    wanted = options.get('expect')
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
