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
"""Which address counts as reached, and when none does."""

import types
import unittest
from unittest import mock

from migrate_service.drivers import errors
from migrate_service.worker.steps import reach


def check(work, options, timeout):
    """Send the probes that ``options`` ask for; fail when one is late."""
    addresses = reach.addresses_of(work.checkpoint['ports'])
    found = work.result.setdefault('reached', {})
    reach.answer(work, options, timeout, 'namespace', addresses, found)
    if not found:
        del work.result['reached']


class TestReach(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.answers = {}
        self.clock = 0.0
        self.work = types.SimpleNamespace(
            checkpoint={
                'ports': {
                    'a': {'addresses': ['10.0.0.1', 'fd00::1']},
                    'b': {'addresses': ['10.0.1.1']},
                }
            },
            result={},
            conf=types.SimpleNamespace(
                worker=types.SimpleNamespace(probe_namespace='outside')
            ),
            sleep=self.sleep,
        )
        for name, replacement in (
            (
                '_answers',
                lambda work, namespace, command: self.answer(command),
            ),
            ('time.monotonic', lambda: self.clock),
        ):
            patch = mock.patch.object(
                reach.time if '.' in name else reach,
                name.rpartition('.')[2],
                replacement,
            )
            patch.start()
            self.addCleanup(patch.stop)

    def sleep(self, seconds):
        self.clock += seconds

    def answer(self, command):
        """Answer from the time on that the test set for the address."""
        address = next(
            word
            for word in command
            if '.' in word or '::' in word[:6]
            if word[0].isdigit() or word.startswith('fd')
        )
        return self.clock >= self.answers.get(address, float('inf'))

    def test_any_address_that_answers_in_time_will_do(self):
        self.answers = {'10.0.1.1': 6, '10.0.0.1': 100}
        check(self.work, {'ping': True}, 60)
        self.assertEqual({'ping': '10.0.1.1'}, self.work.result['reached'])

    def test_both_probes_are_made(self):
        self.answers = {'10.0.0.1': 0}
        check(self.work, {'ping': True, 'tcp_port': 22}, 60)
        self.assertEqual(
            {'ping', 'tcp_port'}, set(self.work.result['reached'])
        )

    def test_http_asks_for_the_path(self):
        sent = []
        reach._answers = lambda work, namespace, command: (
            sent.append((namespace, command)) or len(sent)
        )
        options = {'http': {'port': 8080, 'path': '/health'}}
        found = {}
        reach.answer(self.work, options, 9, 'inside', ['10.0.0.1'], found)
        self.assertEqual({'http': '10.0.0.1'}, found)
        ((namespace, command),) = sent
        self.assertEqual('inside', namespace)
        self.assertEqual(['10.0.0.1', '8080', '/health'], command[-3:])

    def test_silence_is_an_error(self):
        with self.assertRaises(errors.ProbeTimeout):
            check(self.work, {'tcp_port': 22}, 60)
        self.assertGreater(self.clock, 60)

    def test_nothing_is_sent_unless_asked_for(self):
        check(self.work, {'console': True, 'ping': False}, 60)
        self.assertEqual({}, self.work.result)
