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

"""Hints are sent aside; a bus that is down disturbs nobody."""

import threading

import testtools

from migrate_service.api import waker


class Conductor:
    """Stands in for ``rpcapi.ConductorAPI``; waits until it is let go."""

    def __init__(self, error=None):
        self.error = error
        self.calls = 0
        self.called = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)

    def wake(self, context):
        self.calls += 1
        self.called.release()
        self.let_go.acquire()
        if self.error:
            raise self.error


class TestWaker(testtools.TestCase):
    def waker(self, conductor):
        self.patch(waker.rpc, 'transport', lambda conf: None)
        self.patch(waker.rpcapi, 'ConductorAPI', lambda bus: conductor)
        return waker.Waker(None)

    def test_hints_that_wait_become_one(self):
        conductor = Conductor()
        tested = self.waker(conductor)
        tested.wake()
        self.assertTrue(conductor.called.acquire(timeout=30))
        for _number in range(5):
            tested.wake()
        conductor.let_go.release(9)
        self.assertTrue(conductor.called.acquire(timeout=30))
        tested._thread.shutdown(wait=True)
        self.assertEqual(2, conductor.calls)

    def test_a_bus_that_is_down_is_only_logged(self):
        conductor = Conductor(RuntimeError('no broker'))
        tested = self.waker(conductor)
        conductor.let_go.release(9)
        for _number in range(2):
            tested.wake()
            self.assertTrue(conductor.called.acquire(timeout=30))
