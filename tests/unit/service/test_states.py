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
"""The table of transitions, and what ``advance`` makes of it."""

import types
import unittest

from migrate_service import exceptions
from migrate_service import pipelines
from migrate_service import states


def migration(status, step, cancel=None):
    return types.SimpleNamespace(
        kind='cold',
        status=status,
        step=step,
        cancel_requested_at=cancel,
        rollback_requested_at=None,
        rollback=None,
    )


class TestTable(unittest.TestCase):
    def test_every_status_is_reached(self):
        targets = set(states.TRANSITIONS.values()) | {states.ACCEPTED}
        self.assertEqual(set(states.STATUSES), targets)

    def test_every_way_ends(self):
        sources = {status for status, _event in states.TRANSITIONS}
        self.assertEqual(set(states.STATUSES) - states.ENDED, sources)

    def test_unknown_transition_is_refused(self):
        with self.assertRaises(exceptions.InvalidTransition):
            states.next_status(states.COMPLETED, 'cancel')


class TestAdvance(unittest.TestCase):
    def advance(self, status, step, event, cancel=None):
        after = states.advance(migration(status, step, cancel), event)
        return after['status'], after['step']

    def test_cold_goes_through_every_step(self):
        for step, following in zip(
            pipelines.COLD, pipelines.COLD[1:], strict=False
        ):
            self.assertEqual(
                (states.RUNNING, following),
                self.advance(states.RUNNING, step, 'done'),
            )
        self.assertEqual(
            (states.COMPLETED, None),
            self.advance(states.RUNNING, pipelines.COLD[-1], 'done'),
        )

    def test_rollback_goes_through_every_step(self):
        for step, following in zip(
            pipelines.ROLLBACK, pipelines.ROLLBACK[1:], strict=False
        ):
            self.assertEqual(
                (states.CANCELLING, following),
                self.advance(states.CANCELLING, step, 'done'),
            )
        self.assertEqual(
            (states.CANCELLED, None),
            self.advance(states.CANCELLING, pipelines.ROLLBACK[-1], 'done'),
        )

    def test_cancel_wins_over_any_end_of_a_step(self):
        for step in pipelines.COLD:
            for event in ('done', 'fail'):
                with self.subTest(step=step, event=event):
                    status, _step = self.advance(
                        states.RUNNING, step, event, cancel='asked'
                    )
                    wins = step not in pipelines.FINAL
                    self.assertEqual(wins, status == states.CANCELLING)

    def test_cancel_starts_the_rollback_from_anywhere(self):
        for status in (
            states.ACCEPTED,
            states.RUNNING,
            states.WAITING,
            states.ERROR,
        ):
            self.assertEqual(
                (states.CANCELLING, pipelines.ROLLBACK[0]),
                self.advance(status, 'convert', 'cancel'),
            )

    def test_retry_goes_on_at_the_step_that_failed(self):
        self.assertEqual(
            (states.RUNNING, 'convert'),
            self.advance(states.ERROR, 'convert', 'retry'),
        )

    def test_failed_rollback_is_an_error(self):
        self.assertEqual(
            (states.ERROR, 'remove_created'),
            self.advance(states.CANCELLING, 'remove_created', 'fail'),
        )
