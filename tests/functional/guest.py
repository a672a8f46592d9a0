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
"""A guest that writes while its machine is moved."""

import random
import threading

from migrate_service import inventory
from migrate_service.drivers.fake import snapshots

#: Where writes go wrong first.
REGION = 4 * 1024**2


class Guest(threading.Thread):
    """Writes to random places of all disks until its machine is off.

    :param interval: seconds between two writes.
    """

    def __init__(self, clouds, machine, seed, interval=0.002):
        super().__init__(daemon=True)
        self._clouds = clouds
        self._key = machine.key
        self._random = random.Random(seed)
        self._interval = interval
        self._ended = threading.Event()
        self.writes = 0

    def run(self):
        while not self._ended.wait(self._interval):
            data = self._clouds.get('machines', self._key)
            machine = inventory.Machine.from_dict(data)
            disk = self._random.choice(machine.disks)
            size = min(disk.size, self._random.choice((1, 512, 5000, 20000)))
            offset = self._offset(disk.size - size)
            data = self._random.choice(
                (bytes(size), self._random.randbytes(size))
            )
            try:
                snapshots.write(self._clouds, machine, disk, offset, data)
            except snapshots.MachineOff:
                continue
            self.writes += 1

    def stop(self):
        self._ended.set()
        self.join()

    def _offset(self, last):
        kind = self._random.random()
        if kind < 0.1:
            return last
        if kind < 0.3 and last > REGION:
            return min(last, REGION - self._random.randrange(20000))
        return self._random.randrange(last + 1)
