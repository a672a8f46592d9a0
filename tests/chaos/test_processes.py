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
"""Warm migrations whose daemons are killed: real ones, kill -9."""

import os
import signal
import threading
import unittest

from tests.chaos import base
from tests.functional import processes


class Cluster:
    """Two workers and two conductors, each a process with children."""

    def __init__(self, daemons):
        self._daemons = daemons
        self._lock = threading.Lock()
        self._workers = {}
        self._conductors = {}
        for number in (1, 2):
            self._start_worker(f'worker-{number}')
            self._start_conductor(f'conductor-{number}')

    def kill_worker(self, chance):
        with self._lock:
            name = chance.choice(sorted(self._workers))
            self._kill(self._workers.pop(name), chance)
            other = f'{name}+' if chance.random() < 0.3 else name
            self._start_worker(other)

    def kill_conductor(self, chance):
        with self._lock:
            name = chance.choice(sorted(self._conductors))
            self._kill(self._conductors.pop(name), chance)
            self._start_conductor(name)

    def _start_worker(self, name):
        started = self._daemons.start_worker(name, slots=4)
        self._workers[name] = started

    def _start_conductor(self, name):
        self._conductors[name] = self._daemons.start_conductor(name)

    def _kill(self, process, chance):
        """Kill the group of the daemon, or only its first process."""
        if chance.random() < 0.5:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        else:
            self._daemons.kill(process)


@unittest.skipUnless(
    os.environ.get('TEST_RABBIT_URL') and os.environ.get('TEST_MYSQL_URL'),
    'TEST_RABBIT_URL and TEST_MYSQL_URL are not set',
)
class TestProcesses(base.ChaosCase):
    runs = 15
    conductors = 0
    workers = 0

    def start_cluster(self):
        module = 'tests.chaos.daemon_process'
        daemons = self.useFixture(processes.Processes(self.config, module))
        return Cluster(daemons)

    def test_all_end_byte_identical_or_in_a_clean_error(self):
        self.go()
