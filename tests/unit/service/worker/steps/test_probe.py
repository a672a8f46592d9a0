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

"""What fails a server, and what is too weak a sign to do so."""

import types
import unittest
from unittest import mock

from migrate_service.drivers import errors
from migrate_service.drivers.openstack import errors as target_errors
from migrate_service.worker.steps import probe
from migrate_service.worker.steps import reach
from tests.unit.service.worker.steps import fakes

LOGIN = 'Debian GNU/Linux 12 web ttyS0\n\nweb login: '
PANIC = '[    2.0] Kernel panic - not syncing: VFS'
NEXT_DISK = 'Boot failed: not a bootable disk\n\nBooting from Hard Disk...\n'


class Server:
    """Its console shows texts from their seconds on."""

    def __init__(self, clock, shows=(), status='ACTIVE'):
        self.clock = clock
        self.shows = dict(shows)
        self.status = status

    def server(self, server_id):
        return {'id': server_id, 'status': self.status}

    def console(self, server_id, length=200):
        due = [at for at in self.shows if at <= self.clock()]
        return self.shows[max(due)] if due else ''


class TestProbe(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.clock = 0.0
        self.answers = {}
        for target, name, replacement in (
            (
                reach,
                '_answers',
                lambda work, name, command: self.answer(command),
            ),
            (probe.time, 'monotonic', lambda: self.clock),
        ):
            patch = mock.patch.object(target, name, replacement)
            patch.start()
            self.addCleanup(patch.stop)

    def sleep(self, seconds):
        self.clock += seconds

    def answer(self, command):
        """Answer from the time on that the test set for the address."""
        return any(
            self.clock >= at
            for address, at in self.answers.items()
            if address in command
        )

    def run_probe(self, shows=(), status='ACTIVE', **options):
        server = Server(lambda: self.clock, shows, status)
        work = fakes.Work(destination=server, probe={'timeout': 60} | options)
        work.sleep = self.sleep
        work.conf.worker = types.SimpleNamespace(probe_namespace='lab')
        work.checkpoint['server_id'] = 'server-1'
        work.checkpoint['ports'] = {
            'a': {'addresses': ['10.0.0.1', 'fd00::1']},
            'b': {'addresses': ['10.0.1.1']},
        }
        self.work = work
        probe.run(work)
        return work

    def assert_fails(self, error, shows=(), **options):
        with self.assertRaises(error) as caught:
            self.run_probe(shows, **options)
        self.assertTrue(caught.exception.unfit)
        evidence = self.work.result['failed_probe']
        self.assertEqual(caught.exception.code, evidence['code'])
        return caught.exception

    def test_a_login_prompt_is_enough(self):
        work = self.run_probe({5: LOGIN})
        self.assertEqual('web login:', work.result['probe']['sign'])
        self.assertLess(self.clock, 10)
        self.assertEqual([], work.warnings)

    def test_silence_is_a_warning(self):
        work = self.run_probe()
        self.assertIn('neither', work.warnings[0])

    def test_silence_fails_when_a_sign_was_demanded(self):
        error = self.assert_fails(errors.ProbeTimeout, console=True)
        self.assertIn('login prompt', str(error))

    def test_a_panic_fails_and_is_kept(self):
        self.assert_fails(errors.ProbePanic, {3: PANIC})
        self.assertIn(PANIC, self.work.result['failed_probe']['console'])
        self.assertLess(self.clock, 60)

    def test_a_panic_just_before_the_deadline_fails(self):
        self.assert_fails(errors.ProbePanic, {58: PANIC})

    def test_a_bad_sign_that_passes_is_none(self):
        self.run_probe({0: PANIC, 10: LOGIN})
        self.run_probe({0: NEXT_DISK, 30: NEXT_DISK + LOGIN})

    def test_a_text_that_was_demanded(self):
        work = self.run_probe({9: 'app is ready'}, expect='is ready')
        self.assertEqual([], work.warnings)
        error = self.assert_fails(
            errors.ProbeTimeout, {0: LOGIN}, expect='is ready'
        )
        self.assertIn('"is ready"', str(error))

    def test_any_address_that_answers_in_time_will_do(self):
        self.answers = {'10.0.1.1': 6, '10.0.0.1': 100}
        work = self.run_probe(ping=True)
        self.assertEqual({'ping': '10.0.1.1'}, work.result['reached'])

    def test_each_probe_that_was_demanded_is_made(self):
        self.answers = {'10.0.0.1': 0}
        work = self.run_probe(ping=True, tcp_port=22)
        self.assertEqual({'ping', 'tcp_port'}, set(work.result['reached']))

    def test_an_answer_outweighs_a_console(self):
        self.answers = {'10.0.0.1': 9}
        self.run_probe({0: PANIC}, tcp_port=22)

    def test_no_answer_fails_whatever_the_console_shows(self):
        error = self.assert_fails(errors.ProbeTimeout, {0: LOGIN}, tcp_port=22)
        self.assertIn('tcp_port', str(error))
        self.assertGreater(self.clock, 60)

    def test_nothing_demanded_nothing_sent(self):
        self.answers = {}
        work = self.run_probe({0: PANIC}, console=False)
        self.assertEqual(({}, 0), (work.result, self.clock))

    def test_a_server_that_stopped(self):
        self.assert_fails(target_errors.TargetServerStopped, status='SHUTOFF')
