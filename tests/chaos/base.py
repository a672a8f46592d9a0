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
"""Many warm migrations side by side, in what chance makes of the world.

The seed is in the message of each failure. ``MIGRATE_RANDOM_SEED`` repeats
it: ``SEED`` all runs, ``SEED/NUMBER`` one of them, alone;
``MIGRATE_RANDOM_RUNS`` says how many runs there are.
"""

import dataclasses
import os
import queue
import random
import threading

from migrate_service.drivers.fake import machines
from tests import fixtures
from tests.chaos import run
from tests.functional import base
from tests.functional import web

MIB = 1024**2
SIZES = (300 * 1024, MIB, 4 * MIB, 5 * MIB, 9 * MIB)
WIDE = 36 * MIB
TAILS = (0, 512, 4096, 1536)


class ChaosCase(base.TestCase):
    """``runs`` migrations; ``lanes`` of them at a time."""

    runs = 1
    lanes = 8
    options = {
        ('conductor', 'lease_ttl'): 16,
        ('conductor', 'max_attempts'): 4,
        ('worker', 'heartbeat_interval'): 1,
        ('worker', 'slots'): 5,
        (None, 'rpc_response_timeout'): 6,
    }

    def setUp(self):
        self._local = threading.local()
        super().setUp()
        self.seed, numbers = self._asked()
        self.work = queue.SimpleQueue()
        for number in numbers:
            self.work.put((number, *self._machine(number)))
        self.useFixture(web.Disks(self.clouds, self.seed))
        self.cluster = self.start_cluster()
        self.source_id = self.ready_source()
        self.failures = []

    @property
    def context(self):
        """A context of this thread: it holds a database session."""
        if not hasattr(self._local, 'context'):
            self._local.context = fixtures.context()
        return self._local.context

    @context.setter
    def context(self, value):
        self._local.context = value

    def start_cluster(self):
        """Return what has ``kill_worker`` and ``kill_conductor``."""
        raise NotImplementedError

    def go(self):
        """Make all runs; the failures of all are told."""
        print(f'seed {self.seed}')
        lanes = [
            threading.Thread(target=self._lane) for _lane in range(self.lanes)
        ]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        if self.failures:
            raise AssertionError('\n\n'.join(self.failures))

    def _asked(self):
        asked, _slash, number = os.environ.get(
            'MIGRATE_RANDOM_SEED', ''
        ).partition('/')
        seed = int(asked or random.SystemRandom().randrange(2**32))
        runs = int(os.environ.get('MIGRATE_RANDOM_RUNS', self.runs))
        return seed, [int(number)] if number else range(runs)

    def _machine(self, number):
        chance = random.Random(f'{self.seed}/{number}')
        machine = machines.add(
            self.clouds,
            f'random-{number}',
            sizes=[
                chance.choice(SIZES) + chance.choice(TAILS)
                for _disk in range(chance.randint(1, 2))
            ],
        )
        if chance.random() < 0.3:
            machine = self._widen(machine, chance)
        return machine, chance

    def _widen(self, machine, chance):
        """Give a disk more regions than a spot check looks at, sparse."""
        disk, *others = machine.disks
        size = WIDE + 512 * chance.randrange(5 * 2048)
        path = machines.content(self.clouds, machine, disk)
        os.truncate(path, size)
        with open(path, 'r+b') as image:
            for _piece in range(chance.randint(3, 9)):
                image.seek(chance.randrange(WIDE))
                image.write(chance.randbytes(chance.choice((900, 70000))))
        disk = dataclasses.replace(disk, size=size)
        machine = dataclasses.replace(machine, disks=(disk, *others))
        self.clouds.put(machine.to_dict(), 'machines', machine.key)
        return machine

    def _lane(self):
        while True:
            try:
                number, machine, chance = self.work.get_nowait()
            except queue.Empty:
                return
            one = run.Run(self, machine, chance)
            try:
                one.go()
            except Exception as error:
                self.failures.append(
                    f'MIGRATE_RANDOM_SEED={self.seed}/{number}: '
                    f'{type(error).__name__}: {error}\n{one.done}'
                )
