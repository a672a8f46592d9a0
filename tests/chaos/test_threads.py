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
"""Warm migrations whose workers end at any moment, within this process."""

import threading

from tests.chaos import base
from tests.chaos import watch


class Cluster:
    """Workers and conductors in this process.

    A worker that is killed tells nobody, and nobody hears of what it did
    since its last heartbeat. What stays of it may be a zombie that only
    finds out by its clock.

    :param service: ``tests.fixtures.Service``.
    """

    def __init__(self, service):
        self._service = service
        self._lock = threading.Lock()
        self._lives = 0

    def kill_worker(self, chance):
        with self._lock:
            name = chance.choice(sorted(self._service.workers))
            self._service.silence(name)
            kind = chance.choice(('same', 'other', 'zombie'))
            if kind == 'zombie':
                self._service.forsake(name)
            else:
                self._service.abandon(self._service.workers.pop(name))
            if kind != 'same':
                self._lives += 1
                name = f'worker-{self._lives + 2}'
            self._service.start_worker(name)

    def kill_conductor(self, chance):
        with self._lock:
            self._service.stop_conductor()
            self._service.start_conductor()


class TestThreads(base.ChaosCase):
    runs = 35
    conductors = 2
    workers = 2

    def start_cluster(self):
        watch.install(self.patch)
        return Cluster(self.service)

    def test_all_end_byte_identical_or_in_a_clean_error(self):
        self.go()
