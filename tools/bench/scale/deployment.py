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
"""The processes of the benchmark and what they cost."""

import os
import pathlib
import statistics
import subprocess
import sys
import time

import fixtures as base_fixtures
import requests

from migrate_service import rpc
from migrate_service import secret_store
from migrate_service.db.api import claims
from tests import fixtures
from tests.functional import processes
from tools.bench.scale import rows
from tools.bench.scale import workers

ROOT = pathlib.Path(__file__).parents[3]
TICKS = os.sysconf('SC_CLK_TCK')
WORKERS = 20
PROJECTS = 10


class Deployment(base_fixtures.Fixture):
    """Database, conductor, API and simulated workers on real servers.

    :param interval: seconds between two heartbeats of a worker.
    """

    def __init__(self, interval):
        super().__init__()
        self._interval = interval

    def _setUp(self):
        self.config = self.useFixture(fixtures.Config())
        self.config.set('rpc_response_timeout', 60)
        self.config.set('lease_ttl', max(60, 4 * self._interval), 'conductor')
        self.config.set('tick_interval', min(10, self._interval), 'conductor')
        secret_store.create_key(self.config.conf.secrets.key_directory)
        self.useFixture(fixtures.Database(self.config.conf))
        self.context = fixtures.context()
        self.rows = rows.Rows(self.context, PROJECTS)
        self._started = self.useFixture(processes.Processes(self.config))
        self.conductor = self._started.start_conductor('conductor')
        self.api = f'http://127.0.0.1:{self._start_api()}/v1'
        self._start_workers()

    def _start_api(self):
        conf = self.config.conf
        path = self.config.root / 'api.conf'
        path.write_text(
            f'[DEFAULT]\ntransport_url = {conf.transport_url}\n'
            f'[database]\nconnection = {conf.database.connection}\n'
            f'[secrets]\nkey_directory = {conf.secrets.key_directory}\n'
            '[api]\nauth_strategy = noauth\nenabled_drivers = fake\n'
        )
        with open(self.config.root / 'api.log', 'ab') as log:
            process = subprocess.Popen(
                [sys.executable, '-m', 'tools.bench.scale.api']
                + [self.config.suffix, path],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                text=True,
            )
        self.addCleanup(self._started.kill, process)
        return int(process.stdout.readline())

    def _start_workers(self):
        bus = rpc.transport(self.config.conf)
        self.addCleanup(rpc.close, self.config.conf, bus)
        self.workers = [
            workers.Worker(bus, f'node-{number}', self._interval)
            for number in range(WORKERS)
        ]
        for worker in self.workers:
            worker.start()
        self.addCleanup(self.stop)

    def stop(self):
        """Let the workers end what they do."""
        for worker in self.workers:
            worker.stop()
        for worker in self.workers:
            worker.join()

    def offer(self, slots):
        """Give the workers slots, in equal parts, and wait until all work.

        :returns: seconds until the last slot was taken.
        """
        began = time.monotonic()
        for worker in self.workers:
            worker.slots = slots // WORKERS
        fixtures.wait_for(
            lambda: self.held() >= slots, f'{slots} leases', patience=600
        )
        return time.monotonic() - began

    def held(self):
        return sum(len(worker.leases) for worker in self.workers)

    def lost(self):
        return sum(w.lost + w.failures for w in self.workers)

    def beats(self, since):
        """Return ``[(seconds, leases)]`` of the heartbeats since a moment."""
        return [
            (spent, leases)
            for worker in self.workers
            for began, spent, leases in list(worker.beats)
            if began >= since
        ]

    def list_times(self, count, **query):
        """Return the seconds of so many lists, of the projects in turn."""
        session = requests.Session()
        found = []
        for number in range(count):
            project = self.rows.projects[number % PROJECTS]
            headers = {
                'X-User-Id': 'user',
                'X-Project-Id': project,
                'X-Roles': 'member',
            }
            began = time.monotonic()
            answer = session.get(
                f'{self.api}/migrations',
                params=query,
                headers=headers,
                timeout=60,
            )
            found.append(time.monotonic() - began)
            answer.raise_for_status()
        return found

    def shares(self):
        """Return how many leases each project has."""
        found = dict.fromkeys(self.rows.projects, 0)
        for project, _source, count in claims.held(self.context):
            found[project] += count
        return found


def cpu(process):
    """Return the seconds of processor time of a session."""
    total = 0
    for path in pathlib.Path('/proc').glob('[0-9]*/stat'):
        try:
            fields = path.read_text().rpartition(')')[2].split()
        except OSError:
            continue
        if int(fields[3]) == process.pid:
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def p95(values):
    """Return the value that 95 % are not above."""
    return statistics.quantiles(values, n=20)[-1]
