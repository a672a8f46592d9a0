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


"""When a cutover with a window or a limit begins."""

import datetime
import types

import testtools

from migrate_service import states
from migrate_service.conductor import windows

NOW = datetime.datetime(2026, 1, 1, 12, 0, 0)
MIB = 1024**2
#: These parts take 100 seconds.
MEASURED = dict.fromkeys(
    ('shutdown', 'verify', 'convert', 'create', 'boot'), (20.0, 'source')
)


def round_of(age, dirty=10 * MIB, seconds=10):
    ended = NOW - datetime.timedelta(seconds=age - seconds)
    return {
        'bytes': MIB,
        'seconds': seconds,
        'rate': 100 * MIB,
        'dirty_rate': dirty,
        'ended_at': f'{ended.isoformat()}Z',
    }


def row(*rounds, minutes=60, limit=None, **values):
    end = minutes and NOW + datetime.timedelta(minutes=minutes)
    return types.SimpleNamespace(
        **{
            'kind': 'warm',
            'status': states.WAITING,
            'step': 'await_cutover',
            'cancel_requested_at': None,
            'cutover_at': NOW,
            'cutover_not_after': end or None,
            'max_downtime': limit,
            'progress': {'rounds': list(rounds)},
            'warnings': ['old'],
        }
        | values
    )


class TestWindows(testtools.TestCase):
    def judge(self, row):
        return windows.judge(row, NOW, MEASURED)

    def test_a_window_without_a_limit_begins_at_once(self):
        self.assertEqual('cutover', self.judge(row(round_of(9999))).event)

    def test_what_fits_begins(self):
        outcome = self.judge(row(round_of(100), limit=115))
        self.assertEqual('stop_source', outcome.values['step'])
        self.assertIn('115 seconds', outcome.message)

    def test_what_fits_after_another_round_gets_one(self):
        outcome = self.judge(row(round_of(110), limit=115))
        self.assertEqual('round', outcome.event)
        self.assertEqual('precopy', outcome.values['step'])

    def test_what_never_fits_waits(self):
        self.assertIsNone(self.judge(row(round_of(110), limit=105)))
        unknown = row(round_of(1, dirty=None), limit=500)
        self.assertIsNone(self.judge(unknown))

    def test_the_end_of_the_window_is_told_with_the_reason(self):
        late = row(round_of(110), limit=105, minutes=-1)
        outcome = self.judge(late)
        self.assertEqual('cutover_missed', outcome.event)
        self.assertNotIn('status', outcome.values)
        self.assertIsNone(outcome.values['cutover_at'])
        old, warning = outcome.values['warnings']
        self.assertIn('116 seconds is above 105', warning)
        self.assertIn('larger limit', warning)

    def test_a_window_that_was_slept_through_does_not_begin_late(self):
        self.assertEqual(
            'cutover_missed', self.judge(row(round_of(9), minutes=-1)).event
        )
