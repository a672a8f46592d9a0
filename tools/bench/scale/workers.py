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
"""Workers that call conductors as real ones do, and do nothing else."""

import base64
import random
import secrets
import threading
import time
import uuid

from migrate_service import context as migrate_context
from migrate_service import exceptions
from migrate_service.conductor import rpcapi
from tools.bench.scale import rows

#: The step in which a migration spends nearly all of its time.
LONG = 'copy_disks'
#: Share of the migrations whose copy ends with a heartbeat: at one each
#: 15 seconds a copy takes 25 minutes.
ENDS = 0.01
#: Heartbeats a copy has, as far as its progress goes.
BEATS = 100
#: Ranges in a checkpoint; a heartbeat brings hashes of so many regions.
RANGES = 60
REGIONS = 64


class Worker:
    """Claims until its slots are full; beats from a thread of its own.

    :param bus: the transport, shared with the others.
    :param interval: seconds between two heartbeats.
    """

    def __init__(self, bus, name, interval):
        self.slots = 0
        self.leases = {}
        self.beats = []
        self.lost = self.failures = self.ended = 0
        self.name = name
        self._incarnation = f'{time.time_ns():020d}-{uuid.uuid4().hex[:12]}'
        self._conductor = rpcapi.ConductorAPI(bus)
        self._context = migrate_context.service_context()
        self._interval = interval
        self._stopping = threading.Event()
        self._numbers = random.Random(name)
        self._threads = [
            threading.Thread(target=self._repeat, args=acts, daemon=True)
            for acts in ((self._beat,), (self._fill, self._end_some))
        ]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stopping.set()

    def join(self):
        for thread in self._threads:
            thread.join()

    def _repeat(self, *acts):
        self._stopping.wait(random.random() * self._interval)
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                for act in acts:
                    act()
            except Exception as error:
                self.failures += 1
                print(f'{self.name}: {type(error).__name__}: {error}')
            spent = time.monotonic() - began
            self._stopping.wait(max(0.05, self._interval - spent))

    def _about(self):
        return {
            'name': self.name,
            'incarnation': self._incarnation,
            'slots': self.slots,
            'used': len(self.leases),
            'discoveries': 2,
            'version': '1.0',
            'transports': ['https'],
            'load': {'cpu': 0.5},
            'facts': {},
        }

    def _fill(self):
        while len(self.leases) < self.slots and not self._stopping.is_set():
            lease = self._conductor.claim(self._context, worker=self._about())
            if not lease:
                return
            self._keep(lease)

    def _keep(self, lease):
        """Hold a lease; what comes before the copy ends at once."""
        while lease and lease['step'] != LONG:
            self._hold(lease)
            lease = self._finish(lease)
        if lease:
            self._hold(lease)

    def _hold(self, lease):
        self.leases[lease['id']] = lease | {'beats': 0}

    def _finish(self, lease):
        self.leases.pop(lease['id'], None)
        try:
            return self._conductor.finish(
                self._context,
                worker=self._about(),
                kind='migration',
                id=lease['id'],
                attempt=lease['attempt'],
                event='done',
                checkpoint=rows.checkpoint(RANGES),
                progress={'disks': rows.disks(0.5)},
                more_claims=True,
            )
        except exceptions.LeaseLost:
            self.lost += 1
            return None

    def _end_some(self):
        """Lead the copies that end to the end of their migrations."""
        for lease in list(self.leases.values()):
            if self._numbers.random() >= ENDS:
                continue
            id = lease['id']
            while lease and lease['id'] == id:
                self._hold(lease)
                lease = self._finish(lease)
            self.ended += 1
            if lease:
                self._keep(lease)

    def _beat(self):
        leases = list(self.leases.values())
        reports = [self._report(lease) for lease in leases]
        began = time.monotonic()
        answer = self._conductor.heartbeat(
            self._context, worker=self._about(), leases=reports
        )
        self.beats.append((began, time.monotonic() - began, len(leases)))
        attempts = {lease['id']: lease['attempt'] for lease in leases}
        for order in answer['leases']:
            self._lose(order['id'], attempts[order['id']])

    def _lose(self, id, attempt):
        """Give up a lease, unless it ended while the heartbeat was sent."""
        lease = self.leases.get(id)
        if lease and lease['attempt'] == attempt:
            self.lost += 1
            self.leases.pop(id, None)

    def _report(self, lease):
        lease['beats'] += 1
        beats = lease['beats']
        return {
            'kind': 'migration',
            'id': lease['id'],
            'attempt': lease['attempt'],
            'progress': {'disks': rows.disks(min(1, beats / BEATS))},
            'checkpoint': rows.checkpoint(RANGES),
            'manifest': {'2000': {str(beats // 16): self._hashes(beats)}},
        }

    def _hashes(self, beats):
        """Return the chunk of hashes, which fills from beat to beat."""
        regions = REGIONS * (beats % 16 + 1)
        return base64.b64encode(secrets.token_bytes(32 * regions)).decode()
