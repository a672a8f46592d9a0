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
"""Daemons of the lab: started apart, known by pid and start time.

A pid file holds ``pid start-time``. The start time (clock ticks since the
machine started, field 22 of /proc/PID/stat) tells our process from a
later one that was given the same pid. Each daemon leads a session of its
own, so that stopping it also stops what it started.
"""

import dataclasses
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

#: How long the kernel may take to end a process that got SIGKILL.
KILL_SECONDS = 15


class NotReady(Exception):
    """Something did not start, answer or end before its deadline."""


@dataclasses.dataclass(frozen=True)
class Daemon:
    """A program that runs until it is stopped.

    ``run`` and ``log`` are folders for its pid file and its output;
    ``env`` is added to the environment, ``user`` is a login name.
    """

    name: str
    argv: tuple
    run: pathlib.Path
    log: pathlib.Path
    env: dict = dataclasses.field(default_factory=dict)
    user: str | None = None
    stop_seconds: float = 15

    @property
    def pid_file(self):
        return self.run / f'{self.name}.pid'

    @property
    def output(self):
        return self.log / f'{self.name}.out'

    def alive(self):
        """Tell whether the process that we started still runs."""
        pid, started = self._recorded()
        return pid is not None and _start_time(pid) == started

    def start(self):
        """Start the daemon unless it runs; tell whether it was started."""
        if self.alive():
            return False
        self.stop()
        self.run.mkdir(parents=True, exist_ok=True)
        self.log.mkdir(parents=True, exist_ok=True)
        with self.output.open('ab') as output:
            process = subprocess.Popen(
                [str(part) for part in self.argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | {k: str(v) for k, v in self.env.items()},
                cwd='/',
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
            )
        self.pid_file.write_text(f'{process.pid} {_start_time(process.pid)}')
        return True

    def stop(self):
        """Stop the daemon and what is left of its session."""
        terminate([self])

    def _recorded(self):
        try:
            pid, started = self.pid_file.read_text().split()
        except (FileNotFoundError, ValueError):
            return None, None
        return int(pid), started

    def session(self):
        """Return the pids of the daemon's session that are ours."""
        pid, started = self._recorded()
        # A leader with another start time means that the kernel gave the
        # number away, which it does only after the last of the session.
        if pid is None or _start_time(pid) not in (started, None):
            return []
        return [
            int(entry.name)
            for entry in pathlib.Path('/proc').iterdir()
            if entry.name.isdigit() and _session_of(entry) == pid
        ]


def terminate(daemons):
    """Stop ``daemons`` together: SIGTERM, and SIGKILL when time is up."""
    daemons = list(daemons)
    _signal_all(daemons, signal.SIGTERM)
    deadline = time.monotonic() + max(
        (daemon.stop_seconds for daemon in daemons), default=0
    )
    while left := [daemon.name for daemon in daemons if daemon.session()]:
        if time.monotonic() > deadline + KILL_SECONDS:
            raise NotReady(f'these cannot be killed: {", ".join(left)}')
        if time.monotonic() > deadline:
            _signal_all(daemons, signal.SIGKILL)
        time.sleep(0.1)
    for daemon in daemons:
        daemon.pid_file.unlink(missing_ok=True)


def _signal_all(daemons, number):
    for daemon in daemons:
        for pid in daemon.session():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


def _stat(folder):
    """Return the fields of /proc/PID/stat after the command's name."""
    try:
        text = (pathlib.Path('/proc') / folder / 'stat').read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(')')[2].split()
    return None if fields[0] in 'ZX' else fields


def _start_time(pid):
    fields = _stat(str(pid))
    return fields and fields[19]


def _session_of(entry):
    fields = _stat(entry.name)
    return fields and int(fields[3])


def wait_for(what, ready, seconds=60, daemon=None):
    """Wait until ``ready()`` is true.

    Raises NotReady after ``seconds``, or at once when ``daemon`` died.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if daemon and not daemon.alive():
            raise NotReady(f'{daemon.name} ended; see {daemon.output}')
        if time.monotonic() > deadline:
            raise NotReady(f'{what} is not ready after {seconds} s')
        time.sleep(0.1)


def listening(port, host='127.0.0.1'):
    """Tell whether a TCP connection to ``port`` is accepted."""
    try:
        with socket.create_connection((host, port), timeout=5):
            return True
    except OSError:
        return False


def answers(url):
    """Tell whether ``url`` gives any HTTP answer but a server's error."""
    try:
        with urllib.request.urlopen(url, timeout=30):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
