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

"""A lease as its step sees it, without conductors."""

import time
import types

import testtools

from migrate_service.worker import manager
from migrate_service.worker import work as worker_work

LEASE = {'kind': 'migration', 'id': 'm', 'attempt': 1, 'step': 'copy_disks'}


class Conductor:
    """Keeps what it is told in the order in which it is told."""

    def __init__(self):
        self.told = []

    def finish(self, context, **arguments):
        self.told.append(('finish', arguments['checkpoint']))


class TestWork(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.conductor = Conductor()
        self.lost = False
        self.time = 0
        worker = types.SimpleNamespace(workdir='/none', heartbeat_interval=1)
        self.work = worker_work.Work(
            LEASE | {'ttl': 30},
            conf=types.SimpleNamespace(worker=worker, rpc_response_timeout=60),
            conductor=self.conductor,
            worker='node',
            sent_at=0,
            on_save=self.beat,
            clock=lambda: self.time,
        )

    def beat(self):
        """Send a heartbeat, whose first answer is lost."""
        entry, token = self.work.report()
        if not self.lost:
            self.lost = True
            return
        self.conductor.told.append(('manifest', entry['manifest']))
        self.work.reported(token, 0, None)

    def test_hashes_are_kept_before_the_checkpoint_of_the_end(self):
        self.work.store_manifest('2000', {0: b'hash'})
        self.work.checkpoint['copied'] = {'2000': [[0, 512]]}
        self.patch(worker_work, 'RETRY_INTERVAL', 0.001)
        self.work.order('release')
        self.work.finish('release', None, lambda: False, dict)
        kinds = [kind for kind, _what in self.conductor.told]
        self.assertEqual(['manifest', 'finish'], kinds)
        self.assertEqual(
            {'2000': {'0': 'aGFzaA=='}}, self.conductor.told[0][1]
        )

    def test_a_late_heartbeat_is_overwritten(self):
        """It has an older checkpoint, and may come after newer ones."""
        self.work.unanswered()
        self.work.checkpoint['begun'] = 'full'
        for now, sent in ((1, True), (2, True), (61, False)):
            self.time = now
            entry, token = self.work.report()
            self.assertEqual(sent, entry['checkpoint'] is not None, now)
            self.work.reported(token, now, None)


class TestElapsed(testtools.TestCase):
    def test_goes_on_while_the_node_is_suspended(self):
        self.patch(time, 'clock_gettime', {time.CLOCK_BOOTTIME: 7}.get)
        self.assertEqual(7, manager.elapsed())
