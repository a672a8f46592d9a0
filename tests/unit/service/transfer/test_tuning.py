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

"""Tests of how the way to read a disk is chosen."""

import fixtures
import testtools

from migrate_service.transfer import engine
from migrate_service.transfer import ranges
from migrate_service.transfer import tuning
from migrate_service.transfer.transports import nbdkit
from tests.unit.service.transfer import disks

MIB = 1024 * 1024


class RulesTest(testtools.TestCase):
    def test_near_keeps_little_under_way(self):
        found = tuning.choose(0.0001, 0.0004)
        self.assertEqual(2, found.connections)
        under_way = found.connections * found.request_size * found.depth
        self.assertTrue(under_way <= 4 * MIB, found)
        self.assertThat(found.why, testtools.matchers.StartsWith('near'))

    def test_far_keeps_much_under_way(self):
        found = tuning.choose(0.005, 0.0055)
        self.assertEqual(2, found.connections)
        self.assertEqual(MIB, found.request_size)
        self.assertEqual(16, found.depth)

    def test_one_at_a_time_gets_more_connections(self):
        found = tuning.choose(0.005, 0.020)
        self.assertEqual(8, found.connections)
        self.assertEqual(2 * MIB, found.request_size)

    def test_near_wins_over_one_at_a_time(self):
        """Four reads near by take four times as long by their bytes."""
        self.assertEqual(2, tuning.choose(0.0009, 0.0036).connections)

    def test_the_sentence_tells_what_was_measured(self):
        why = tuning.choose(0.005, 0.020).why
        self.assertIn('5.00 ms', why)
        self.assertIn('20.00 ms', why)

    def test_memory_bounds_every_tuning(self):
        for found in (
            tuning.choose(0.0001, 0.0001),
            tuning.choose(0.005, 0.005),
            tuning.choose(0.005, 0.02),
            tuning.untried(),
            tuning.given(8, 2 * MIB, engine.SLOTS_BYTES),
            tuning.given(1, 65536, engine.SLOTS_BYTES),
        ):
            under_way = found.connections * found.request_size * found.depth
            self.assertTrue(under_way <= engine.SLOTS_BYTES, found)

    def test_what_the_transport_asks_counts(self):
        found = engine.tune(None, {'connections': 3, 'request_size': 4096}, 0)
        self.assertEqual((3, 4096), (found.connections, found.request_size))

    def test_little_needs_no_trial(self):
        source = {'connections': None, 'request_size': None}
        areas = ranges.Ranges([(0, tuning.LEAST - 1)])
        self.assertEqual(tuning.untried(), engine.tune(None, source, areas))


class TrialTest(disks.TransferTest):
    """Trials of real servers; a read is made to take 40 ms."""

    def choose(self, filters, parameters):
        path = self.store('source', self.random.randbytes(MIB))
        served = nbdkit.serve(
            ['file', path, *parameters],
            workdir=self.work,
            name='trial',
            filters=filters,
        )
        with served as server:
            source = {'uri': server.uri, 'size': MIB}
            handle = engine.connect(source)
            areas = ranges.Ranges([(0, 4096), (65536, MIB - 65536)])
            found = tuning.choose(*tuning.measure(handle, areas))
            handle.shutdown()
        return found

    def test_far(self):
        found = self.choose(['delay'], ['rdelay=40ms'])
        self.assertIn('far', found.why)

    def test_one_at_a_time(self):
        found = self.choose(
            ['noparallel', 'delay'], ['serialize=requests', 'rdelay=40ms']
        )
        self.assertIn('one at a time', found.why)

    def test_reads_that_fail_are_a_read_error(self):
        path = self.store('source', self.random.randbytes(MIB))
        parameters = ['file', path, 'error-rate=100%', 'error=EIO']
        served = nbdkit.serve(
            parameters, workdir=self.work, name='bad', filters=['error']
        )
        with served as server:
            source = {'uri': server.uri, 'size': MIB}
            source |= {'connections': None, 'request_size': None}
            handle = engine.connect(source)
            areas = ranges.Ranges([(0, tuning.LEAST)])
            self.assertRaises(
                engine.ReadError, engine.tune, handle, source, areas
            )

    def test_a_copy_tells_its_tuning(self):
        logger = self.useFixture(fixtures.FakeLogger())
        self.store('source', self.disk(MIB))
        self.copy('source', self.sink('target', bytes(MIB)))
        self.assertIn('is read over 4 connections', logger.output)
        self.assertIn('too little to copy', logger.output)
