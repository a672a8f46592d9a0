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

"""Preparations of guests between fake ends."""

import json
import logging

import fixtures

from migrate_service import pipelines
from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import logs as logs_db
from migrate_service.db.api import paging
from migrate_service.db.api import preparations as preparations_db
from tests.functional import base
from tests.functional import test_warm

PASSWORD = 'ganz-geheim-4711'  # noqa: S105


class PrepareCase(test_warm.WarmCase):
    def add_machines(self):
        self.machine = self.add_machine(sizes=(5 * base.MIB,))

    def setUp(self):
        super().setUp()
        self.moved = self.create_warm(self.machine)
        # Two come at once, and the next one in an hour.
        self.wait_for_rounds(self.moved, 2)

    def prepare(self, password=PASSWORD, **values):
        wish = {'username': 'root', 'password': password} | values
        path = f'/migrations/{self.moved}/prepare'
        return self.request('POST', path, {'prepare': wish})

    def guest(self, **values):
        """Say how the script in the guest ends."""
        self.clouds.put(values, 'guests', self.machine.key)

    def wait_for_event(self, name):
        def there():
            found = [e for e in self.events(self.moved) if e.event == name]
            return found[-1] if found else None

        return self.wait_for(there, f'the event {name}')

    def assert_forgotten(self):
        """No credentials are kept, and the source is left as it was."""
        self.wait_for(
            lambda: preparations_db.get(self.context, self.moved) is None,
            'the end of the credentials',
        )
        machine = self.clouds.get('machines', self.machine.key)
        self.assertEqual('on', machine['power_state'])
        row = self.migration(self.moved)
        told = [
            dict(row),
            [dict(event) for event in self.events(self.moved)],
            self.log_of_the_script(),
            self.clouds.get('guests', self.machine.key, 'run'),
        ]
        self.assertNotIn(PASSWORD, json.dumps(told, default=str))

    def log_of_the_script(self):
        page = paging.Page(sort_key='id')
        rows = logs_db.page(
            self.context, self.moved, {'tool': 'prepare'}, page
        )
        return ''.join(row.text for row in rows)

    def assert_failed(self, code):
        """The migration waits as before, and says why."""
        event = self.wait_for_event('excursion_failed')
        self.assertEqual(code, event.details['error']['code'])
        self.assertTrue(event.details['error']['remedy'])
        row = self.wait_for_status(self.moved, 'waiting')
        self.assertEqual(pipelines.WAIT, row.step)
        self.assertEqual(code, row.error['code'])
        self.assertIn(row.error['message'], row.warnings[-1])
        self.assertIsNotNone(row.not_before)
        self.assert_forgotten()

    def assert_still_moves(self):
        self.sync(self.moved)
        self.wait_for_rounds(self.moved, 3)
        self.assertIsNone(self.migration(self.moved).error)
        self.cut_over(self.moved)
        return self.assert_moved(self.moved, self.machine)


class TestPrepare(PrepareCase):
    def test_the_next_round_carries_it(self):
        logger = self.useFixture(fixtures.FakeLogger(level=logging.DEBUG))
        self.prepare()
        row = self.wait_for_rounds(self.moved, 3)
        done = row.result['preparation']
        self.assertEqual('prepare', done['action'])
        self.assertEqual(['6.1.0-1-amd64'], done['kernels'])
        self.assertIn('prepare.sh revert', row.warnings[-1])
        self.assertIn('result 0', self.log_of_the_script())
        self.assert_forgotten()
        mac = self.machine.nics[0].mac
        run = self.clouds.get('guests', self.machine.key, 'run')
        self.assertIn(f'prepare.sh prepare {mac}={mac} >', run['command'])
        self.cut_over(self.moved)
        self.assert_moved(self.moved, self.machine)
        self.assertNotIn(PASSWORD, logger.output)

    def test_what_was_planned_before_is_forgotten(self):
        row = self.migration(self.moved)
        planned = row.checkpoint | {'plan': {'inspection': {}, 'round': 2}}
        leases.update(
            self.context,
            models.Migration,
            self.moved,
            {'checkpoint': planned},
        )
        self.prepare()
        row = self.wait_for_rounds(self.moved, 3)
        self.assertNotIn('plan', row.checkpoint)

    def test_taken_back(self):
        self.prepare(revert=True)
        row = self.wait_for_rounds(self.moved, 3)
        self.assertEqual('revert', row.result['preparation']['action'])
        run = self.clouds.get('guests', self.machine.key, 'run')
        self.assertIn('prepare.sh revert >', run['command'])
        self.assertNotIn('prepare.sh', ''.join(row.warnings))

    def test_nothing_of_ours_stays_in_the_guest(self):
        self.prepare()
        self.wait_for_rounds(self.moved, 3)
        left = list((self.clouds.root / 'guests').rglob('*.sh'))
        self.assertEqual([], left)

    def test_wrong_credentials(self):
        self.prepare('wrong')
        self.assert_failed('guest.login_refused')
        self.assertEqual(0, self.clouds.calls()['guest_start'])
        self.assertEqual(1, self.clouds.calls()['guest_log_in'])
        self.assert_still_moves()

    def test_the_script_fails(self):
        output = 'migrate: /boot has 1 KiB free\nmigrate: result 13\n'
        self.guest(exit=13, output=output)
        self.prepare()
        self.assert_failed('guest.no_space')
        self.assertIn('1 KiB', self.migration(self.moved).error['message'])
        self.assertIn('1 KiB', self.log_of_the_script())
        self.assert_still_moves()

    def test_tools_are_not_running(self):
        data = self.clouds.get('machines', self.machine.key)
        self.clouds.put(
            data | {'tools': 'not_running'}, 'machines', self.machine.key
        )
        self.prepare()
        self.assert_failed('guest.tools_not_running')

    def test_tools_go_in_the_middle_and_come_back(self):
        self.clouds.fail('guest_exit_code', times=2, retryable=True)
        self.prepare()
        self.wait_for_rounds(self.moved, 3)
        self.assertEqual(1, self.clouds.calls()['guest_start'])
        self.assertIn('retried', self.event_names(self.moved))

    def test_tools_go_for_good(self):
        self.clouds.fail('guest_exit_code', times=100, retryable=True)
        self.prepare()
        self.assert_failed('fake.retryable_fault')

    def test_the_guest_restarts_in_the_middle(self):
        self.clouds.block('guest_exit_code')
        self.prepare()
        self.wait_for(lambda: self.clouds.reached('guest_exit_code'))
        self.clouds.drop('guests', self.machine.key, 'run')
        folder = self.clouds.root / 'guests' / self.machine.key / 'files'
        for output in folder.rglob('output'):
            output.write_text('migrate: rebuilding')
        self.clouds.release('guest_exit_code')
        self.assert_failed('guest.process_lost')
        self.clouds.drop('guests', self.machine.key)
        self.prepare()
        self.wait_for_rounds(self.moved, 3)

    def test_the_exit_code_was_forgotten_but_the_output_tells(self):
        self.clouds.block('guest_exit_code')
        self.prepare()
        self.wait_for(lambda: self.clouds.reached('guest_exit_code'))
        self.clouds.drop('guests', self.machine.key, 'run')
        self.clouds.release('guest_exit_code')
        row = self.wait_for_rounds(self.moved, 3)
        self.assertIn('preparation', row.result)

    def test_cancelled_while_the_script_runs(self):
        self.guest(running=True)
        self.prepare()
        self.wait_for(lambda: self.clouds.calls()['guest_exit_code'])
        self.cancel(self.moved)
        self.wait_for_status(self.moved, 'cancelled')
        self.assert_forgotten()
        self.assertEqual([], self.left(self.moved))

    def test_a_cutover_that_is_asked_for_meanwhile_follows(self):
        self.guest(running=True)
        self.prepare()
        self.wait_for(lambda: self.clouds.calls()['guest_exit_code'])
        self.cut_over(self.moved)
        self.guest(running=False)
        self.assert_moved(self.moved, self.machine)

    def test_one_at_a_time(self):
        self.guest(running=True)
        self.prepare()
        refused = self.assertRaises(base.Refused, self.prepare)
        self.assertEqual(409, refused.status)
        self.assertEqual('migration.preparation_underway', refused.code)
        self.wait_for(lambda: self.clouds.calls()['guest_exit_code'])
        refused = self.assertRaises(base.Refused, self.prepare)
        self.assertEqual('migration.preparation_underway', refused.code)
        self.guest(running=False)
        self.wait_for_rounds(self.moved, 3)

    def test_the_step_takes_too_long(self):
        self.config.set('prepare_timeout', 1, 'worker')
        self.guest(running=True)
        self.prepare()
        self.assert_failed('guest.preparation_timeout')
        self.assertEqual(1, self.clouds.calls()['guest_start'])


class TestTakeOver(PrepareCase):
    workers = 2
    options = {('conductor', 'lease_ttl'): 4}

    def test_a_worker_dies_while_the_script_runs(self):
        self.guest(running=True)
        self.prepare()
        self.wait_for(lambda: self.clouds.calls()['guest_exit_code'])
        self.service.silence(self.migration(self.moved).worker)
        self.service.clock.advance(10)
        self.wait_for_event('taken_over')
        self.guest(running=False)
        row = self.wait_for_rounds(self.moved, 3)
        self.assertEqual('prepare', row.result['preparation']['action'])
        self.assertEqual(1, self.clouds.calls()['guest_start'])
        self.assert_forgotten()

    def test_a_worker_dies_before_it_knows_the_process(self):
        self.clouds.block('guest_start')
        self.prepare()
        self.wait_for(lambda: self.clouds.reached('guest_start'))
        self.service.silence(self.migration(self.moved).worker)
        self.service.clock.advance(10)
        self.wait_for_event('taken_over')
        self.clouds.release('guest_start')
        self.wait_for_rounds(self.moved, 3)
        self.assert_forgotten()
