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

"""What follows from an event, without a database."""

import datetime
import types

import testtools

from migrate_service import states
from migrate_service.conductor import outcomes

NOW = datetime.datetime(2026, 1, 1)
LIMITS = outcomes.Limits(max_attempts=3, retry_delay=30)
ERROR = {'code': 'a.code', 'message': 'It failed.', 'remedy': 'Retry.'}


def row(**values):
    default = {
        'status': states.RUNNING,
        'step': 'reserve',
        'kind': 'cold',
        'worker': 'node-1',
        'step_attempts': 1,
        'not_before': None,
        'cancel_requested_at': None,
        'retry_requested_at': None,
        'rollback_requested_at': None,
        'rollback': None,
        'options': {},
        'prepare_requested_at': None,
        'warnings': [],
        'checkpoint': {},
        'trust_id': 'trust',
        'started_at': NOW,
    }
    return types.SimpleNamespace(**default | values)


def ended(values, event, error=None, leftovers=()):
    return outcomes.ended(row(**values), event, error, leftovers, LIMITS, NOW)


class TestEnded(testtools.TestCase):
    def test_delays_double(self):
        delays = []
        for attempts in (1, 2):
            outcome = ended(
                {'step_attempts': attempts},
                'fail',
                ERROR | {'retryable': True},
            )
            self.assertNotIn('status', outcome.values)
            self.assertEqual('retried', outcome.event)
            delays.append((outcome.values['not_before'] - NOW).seconds)
        self.assertEqual([30, 60], delays)

    def test_the_last_try_is_an_error(self):
        outcome = ended(
            {'step_attempts': 3}, 'fail', ERROR | {'retryable': True}
        )
        self.assertEqual(states.ERROR, outcome.values['status'])
        self.assertEqual(ERROR, outcome.values['error'])
        self.assertEqual('failed', outcome.event)

    def test_a_failure_that_stays_is_an_error_at_once(self):
        outcome = ended({}, 'fail', ERROR | {'retryable': False})
        self.assertEqual(states.ERROR, outcome.values['status'])
        self.assertEqual('reserve', outcome.values['step'])

    def test_a_failure_of_what_shall_be_cancelled_is_a_rollback(self):
        outcome = ended(
            {'cancel_requested_at': NOW}, 'fail', ERROR | {'retryable': True}
        )
        self.assertEqual(states.CANCELLING, outcome.values['status'])
        self.assertIsNone(outcome.values['cancel_requested_at'])

    def test_a_released_step_does_not_count(self):
        outcome = ended({'step_attempts': 2}, 'release')
        self.assertEqual(1, outcome.values['step_attempts'])
        self.assertIsNone(outcome.values['worker'])
        self.assertNotIn('status', outcome.values)

    def test_a_cancel_while_cancelling_is_a_release(self):
        outcome = ended(
            {'status': states.CANCELLING, 'step': 'stop_server'}, 'cancel'
        )
        self.assertEqual('released', outcome.event)

    def test_a_rollback_with_leftovers_is_an_error_that_names_them(self):
        left = types.SimpleNamespace(
            kind='volume', resource_id='v-1', key='2000'
        )
        last = {'status': states.CANCELLING, 'step': 'remove_created'}
        outcome = ended(last, 'done', leftovers=[left])
        self.assertEqual(states.ERROR, outcome.values['status'])
        self.assertIn('volume v-1', outcome.values['error']['message'])
        self.assertNotIn('in_use', outcome.values)
        outcome = ended(last, 'done')
        self.assertEqual(states.CANCELLED, outcome.values['status'])
        self.assertIsNone(outcome.values['in_use'])

    def test_a_new_step_starts_to_count_anew(self):
        outcome = ended({'step_attempts': 3}, 'done')
        self.assertEqual(0, outcome.values['step_attempts'])
        self.assertEqual('stop_source', outcome.values['step'])
        self.assertIsNone(outcome.values['error'])


class TestClaimed(testtools.TestCase):
    def test_a_wish_to_cancel_is_carried_out_by_the_claim(self):
        for status in (states.ACCEPTED, states.RUNNING):
            outcome = outcomes.claimed(
                row(status=status, cancel_requested_at=NOW)
            )
            self.assertEqual(states.CANCELLING, outcome.values['status'])

    def test_a_take_over_is_told(self):
        self.assertEqual('taken_over', outcomes.claimed(row()).event)

    def test_members_do_not_learn_the_names_of_workers(self):
        held = {'worker': 'node-1'}
        for outcome in (
            outcomes.claimed(row(status=states.ACCEPTED, **held)),
            outcomes.claimed(row(**held)),
            outcomes.claimed(row(not_before=NOW, **held)),
            outcomes.expired(row(**held), 'it fell silent'),
            ended(held, 'release'),
        ):
            self.assertNotIn('node-1', outcome.message)

    def test_a_later_try_is_no_take_over(self):
        outcome = outcomes.claimed(row(not_before=NOW))
        self.assertEqual('step', outcome.event)

    def test_a_retry_of_a_rollback_stays_a_rollback(self):
        outcome = outcomes.retried(
            row(status=states.ERROR, step='remove_created')
        )
        self.assertEqual(states.CANCELLING, outcome.values['status'])

    def test_cancelled_before_the_trust_came(self):
        outcome = outcomes.cancelled(
            row(status=states.ACCEPTED, trust_id=None, started_at=None)
        )
        self.assertEqual(states.CANCELLED, outcome.values['status'])
        self.assertIsNone(outcome.values['in_use'])
