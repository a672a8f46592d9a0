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

"""Child processes that end with us, can be killed at once, and are logged.

Data movers, nbdkit and virt-v2v run as children of the worker. Each has a
process group of its own, is killed with its whole group when the work is
cancelled or its lease is lost, and is killed by the kernel when the worker
dies (PR_SET_PDEATHSIG, prctl(2), through setpriv(1)). Secrets never go into
the argument list: pass a file in a private directory.
"""

import contextlib
import glob
import os
import signal
import subprocess
import sys
import threading
import time

SETPRIV = ('setpriv', '--pdeathsig', 'KILL', '--')

DYING = 10.0
"""Seconds that the members of a killed group may take to end."""


def python(module):
    """Return (command, environment) that runs a module of ours quickly.

    ``-S`` leaves out the site module, which costs more time than a small
    copy; the search path is handed over instead, and ``-P`` keeps the
    current directory out of it.
    """
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    path = [root, *filter(None, sys.path)]
    environment = {'PYTHONPATH': os.pathsep.join(path)}
    return [sys.executable, '-S', '-P', '-m', module], environment


class Child:
    """A running child process with its own process group.

    :param command: list of arguments.
    :param log: path of the file that receives stdout (unless ``stdout`` is
        given) and stderr, appended.
    :param stdin, stdout: as for :class:`subprocess.Popen`.
    :param env: additional environment variables, a dict.
    :param pass_fds: file descriptors that the child inherits, such as a
        memfd that holds a secret.
    """

    def __init__(
        self,
        command,
        *,
        log,
        stdin=subprocess.DEVNULL,
        stdout=None,
        env=None,
        pass_fds=(),
    ):
        self.name = os.path.basename(command[0])
        self.log = log
        with open(log, 'ab') as output:
            self.process = subprocess.Popen(  # noqa: S603
                [*SETPRIV, *command],
                stdin=stdin,
                stdout=output if stdout is None else stdout,
                stderr=output,
                env=os.environ | (env or {}),
                process_group=0,
                pass_fds=pass_fds,
            )

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.kill()

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        """Return whether the child has not ended yet."""
        return self.process.poll() is None

    def wait(self, check=None, interval=0.2):
        """Wait for the end and return the exit code.

        :param check: called every ``interval`` seconds; what it raises
            kills the child and goes on to the caller.
        """
        try:
            while True:
                try:
                    return self.process.wait(timeout=interval)
                except subprocess.TimeoutExpired:
                    if check:
                        check()
        except BaseException:
            self.kill()
            raise

    def stop(self, grace=5.0):
        """Ask the group to end, and kill it after ``grace`` seconds."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + grace
        while self.running() and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        self.kill()

    def kill(self):
        """Kill the whole process group, reap the child, see the others go.

        None of them writes to a disk any more when the next one begins.
        """
        self._signal(signal.SIGKILL)
        self.process.wait()
        deadline = time.monotonic() + DYING
        while _running(self.process.pid) and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        for stream in (self.process.stdin, self.process.stdout):
            if stream and not stream.closed:
                # What it was told may still be on its way: nobody reads it.
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def tail(self, size=4096):
        """Return the last ``size`` bytes of the log as text."""
        with open(self.log, 'rb') as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - size))
            return log.read().decode(errors='replace').strip()

    def _signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


def _running(group):
    """Return whether a process of a group runs; zombies do not, proc(5)."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    for path in glob.iglob('/proc/[0-9]*/stat'):
        with contextlib.suppress(OSError), open(path, 'rb') as stat:
            state, _parent, its_group = (
                stat.read().rpartition(b')')[2].split()[:3]
            )
            if int(its_group) == group and state not in (b'Z', b'X'):
                return True
    return False
