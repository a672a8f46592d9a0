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

"""Whole ways through the pipelines and the table of statuses."""

import types

import testtools

from migrate_service import pipelines
from migrate_service import states


def migration(status, step=None, cancel=None, kind='cold', rollback=None):
    return types.SimpleNamespace(
        status=status,
        step=step,
        cancel_requested_at=cancel,
        kind=kind,
        rollback_requested_at=rollback and 'now',
        rollback=rollback,
    )


class TestTable(testtools.TestCase):
    def test_every_status_is_reachable(self):
        reached = {states.ACCEPTED}
        for _step in states.TRANSITIONS:
            reached |= {
                after
                for (before, _), after in states.TRANSITIONS.items()
                if before in reached
            }
        self.assertEqual(set(states.STATUSES), reached)

    def test_only_ended_has_no_way_out(self):
        left = {before for before, _event in states.TRANSITIONS}
        self.assertEqual(set(states.STATUSES) - left, states.ENDED)

    def test_everything_that_goes_on_can_be_cancelled(self):
        going = set(states.STATUSES) - states.ENDED - {states.CANCELLING}
        for status in going:
            self.assertTrue(states.allows(status, 'cancel'), status)


class TestWays(testtools.TestCase):
    def _walk(self, row):
        while row.status not in states.ENDED:
            yield row.step
            after = states.advance(row, 'done')
            row.status, row.step = after['status'], after['step']

    def test_each_pipeline_ends(self):
        row = migration(**states.begin(migration(states.ACCEPTED)))
        self.assertEqual(list(pipelines.COLD), list(self._walk(row)))
        self.assertEqual(states.COMPLETED, row.status)
        row = migration(**states.advance(migration(states.ERROR), 'cancel'))
        self.assertEqual(list(pipelines.ROLLBACK), list(self._walk(row)))
        self.assertEqual(states.CANCELLED, row.status)

    def test_a_wish_to_cancel_wins_at_each_step(self):
        for step in set(pipelines.COLD) - pipelines.FINAL:
            for event in ('done', 'wait', 'fail', 'cancel'):
                row = migration(states.RUNNING, step, cancel='now')
                self.assertEqual(
                    {
                        'status': states.CANCELLING,
                        'step': pipelines.ROLLBACK[0],
                    },
                    states.advance(row, event),
                )

    def test_there_is_no_way_back_from_the_last_step(self):
        for step in pipelines.FINAL:
            row = migration(states.RUNNING, step, cancel='now')
            self.assertEqual(
                states.COMPLETED, states.advance(row, 'done')['status']
            )

    def test_a_failure_keeps_the_step_for_the_retry(self):
        for step in pipelines.COLD:
            failed = states.advance(migration(states.RUNNING, step), 'fail')
            self.assertEqual({'status': states.ERROR, 'step': step}, failed)
            self.assertEqual(
                {'status': states.RUNNING, 'step': step},
                states.advance(migration(**failed), 'retry'),
            )

    def test_a_step_of_the_rollback_is_of_no_other_pipeline(self):
        for steps in (pipelines.COLD, pipelines.WARM):
            self.assertEqual(set(), set(steps) & set(pipelines.ROLLBACK))
            self.assertEqual(set(), set(steps) & set(pipelines.REHEARSE))
            self.assertEqual(len(set(steps)), len(steps))

    def test_a_round_leads_back_to_the_wait(self):
        row = migration(states.WAITING, 'await_cutover', kind='warm')
        after = states.advance(row, 'round')
        self.assertEqual(
            {'status': states.RUNNING, 'step': pipelines.ROUND}, after
        )
        while after['step'] != row.step:
            self.assertIn(after['step'], pipelines.ROUNDS)
            after = states.advance(migration(**after, kind='warm'), 'done')
        row = migration(**after, kind='warm')
        self.assertEqual('waiting', states.advance(row, 'wait')['status'])

    def test_a_rehearsal_leads_back_to_the_wait(self):
        row = migration(states.WAITING, pipelines.WAIT, kind='warm')
        walked, event = [], 'rehearse'
        while (row.status, event) != (states.WAITING, 'done'):
            after = states.advance(row, event)
            row = migration(**after, kind='warm')
            walked.append(row.step)
            event = 'done'
        self.assertEqual([*pipelines.REHEARSE, pipelines.WAIT], walked)

    def test_what_fails_in_a_rehearsal_is_removed(self):
        *early, evidence, removal = pipelines.REHEARSE
        for step, after in (
            *((step, (states.RUNNING, evidence)) for step in early),
            (evidence, (states.RUNNING, removal)),
            (removal, (states.ERROR, removal)),
        ):
            row = migration(states.RUNNING, step, kind='warm')
            found = states.advance(row, 'fail')
            self.assertEqual(after, (found['status'], found['step']))
            row.cancel_requested_at = 'now'
            self.assertEqual(
                states.CANCELLING, states.advance(row, 'fail')['status']
            )

    def test_a_cutover_goes_on_after_the_wait(self):
        row = migration(states.WAITING, 'await_cutover', kind='warm')
        self.assertEqual(
            {'status': states.RUNNING, 'step': 'stop_source'},
            states.advance(row, 'cutover'),
        )
