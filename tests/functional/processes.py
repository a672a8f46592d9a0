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
"""Daemons as processes of their own, which tests may kill."""

import os
import pathlib
import signal
import subprocess
import sys

import fixtures

ROOT = pathlib.Path(__file__).parents[2]
OPTIONS = (
    ('worker', 'destination'),
    ('worker', 'heartbeat_interval'),
    ('worker', 'workdir'),
    ('fake', 'directory'),
    ('secrets', 'key_directory'),
)
CONDUCTOR = (
    ('database', 'connection'),
    ('conductor', 'lease_ttl'),
    ('conductor', 'tick_interval'),
    ('conductor', 'retry_delay'),
    ('conductor', 'max_attempts'),
    ('oslo_messaging_notifications', 'driver'),
)


class Processes(fixtures.Fixture):
    """Starts daemons on the bus and the database of a test.

    :param config: ``tests.fixtures.Config``, on servers.
    :param module: what each runs: ``PROGRAM SUFFIX ARGUMENTS…``.
    """

    def __init__(self, config, module='tests.functional.daemon_process'):
        super().__init__()
        self._module = module
        self._config = config
        self._conf = config.conf

    def start_worker(self, name, slots=2, debug=False):
        """Start ``migrate-worker`` as a session of its own."""
        more = [f'[worker]\nname = {name}\nslots = {slots}']
        return self._start('worker', name, OPTIONS, more, debug)

    def start_conductor(self, name, debug=False):
        """Start ``migrate-conductor`` as a session of its own."""
        return self._start('conductor', name, CONDUCTOR, [], debug)

    def kill(self, process):
        """Kill all that it runs, and return when the daemon is gone."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def log(self, name):
        """Return what the daemon of this name wrote, over all its lives."""
        return (self._config.root / f'{name}.log').read_text()

    def alive(self):
        """Return the command lines that name the folder of this test."""
        found = []
        for path in pathlib.Path('/proc').glob('[0-9]*/cmdline'):
            try:
                line = path.read_bytes().replace(b'\0', b' ').decode()
            except OSError:
                continue
            if str(self._config.root) in line:
                found.append(line)
        return found

    def _start(self, program, name, options, more, debug):
        path = self._config.root / f'{name}.conf'
        lines = [
            '[DEFAULT]',
            f'transport_url = {self._conf.transport_url}',
            f'debug = {debug}',
        ]
        for group, option in options:
            value = self._conf[group][option]
            value = ','.join(value) if isinstance(value, list) else value
            more = [*more, f'[{group}]\n{option} = {value}']
        path.write_text('\n'.join(lines + more))
        with open(self._config.root / f'{name}.log', 'ab') as log:
            process = subprocess.Popen(
                [
                    sys.executable,
                    '-m',
                    self._module,
                    program,
                    self._config.suffix,
                    '--config-file',
                    path,
                ],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.addCleanup(self.kill, process)
        return process
