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

"""The copy loop itself, inside this process."""

import errno
import threading

from migrate_service.transfer import budget
from migrate_service.transfer import copy
from migrate_service.transfer import engine
from migrate_service.transfer import sinks
from tests.unit.service.transfer import disks


class LosingTarget:
    """Takes all, and fails its first flush when it is told to."""

    def __init__(self):
        self.flushing = threading.Event()
        self.fails = threading.Event()

    def connect(self):
        return self

    def write(self, offset, view):
        pass

    def zero(self, offset, length):
        pass

    def flush(self):
        if not self.flushing.is_set():
            self.flushing.set()
            self.fails.wait()
            raise OSError(errno.EIO, 'lost')


class RacingCopy(engine.Copy):
    """Its last checkpoint comes while a regular one is being flushed."""

    def checkpoint(self):
        beat = threading.Thread(target=self._regular)
        beat.start()
        self.target.flushing.wait()
        self.target.fails.set()
        try:
            super().checkpoint()
        finally:
            beat.join()

    def _regular(self):
        try:
            super().checkpoint()
        except engine.WriteError as error:
            self.fail(error)


class FlushTest(disks.TransferTest):
    def test_no_other_flush_makes_up_for_one_that_failed(self):
        self.store('source', self.random.randbytes(2 * disks.MIB))
        told = []
        with self.opened('source', 2 * disks.MIB) as export:
            sink = sinks.Sink('none', 2 * disks.MIB)
            job = copy.DiskJob('disk', export, sink)
            address = {'size': sink.size, 'zeroed': False}
            spec = copy.order(job, address)
            losing = RacingCopy(
                spec['source'],
                LosingTarget(),
                spec,
                budget.Bucket(),
                told.append,
            )
            error = self.assertRaises(engine.WriteError, losing.run)
        self.assertIn('flush', str(error))
        self.assertEqual(['tuned'], [event['event'] for event in told])
