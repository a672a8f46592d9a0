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

"""What a plan does next."""

import dataclasses
import datetime
import types

import testtools

from migrate_service.plans import decision
from migrate_service.plans import states
from migrate_service.plans import windows

NOW = datetime.datetime(2026, 11, 21, 22)
#: Status and step of a migration whose machine is in a state.
MIGRATIONS = {
    'moving': ('running', 'copy_disks'),
    'waiting': ('waiting', 'await_cutover'),
    'arrived': ('waiting', 'await_acceptance'),
    'completed': ('completed', None),
    'failed': ('error', 'reserve'),
    'cancelled': ('cancelled', None),
}


def machine(name, wave, state='pending', **values):
    status, step = MIGRATIONS.get(state, (None, None))
    return states.Machine(
        id=name,
        name=name,
        wave=wave,
        position=0,
        migration_id=name if status else None,
        status=status,
        step=step,
        **values,
    )


class DecisionCase(testtools.TestCase):
    def decide(self, waves, status='running', **values):
        """Return ``[(kind, names)]`` for waves of ``{name: state}``.

        :param waves: lists of machines, or pairs of these and ``after``.
        """
        machines, shapes = [], []
        for number, wave in enumerate(waves):
            members, more = wave if isinstance(wave, tuple) else (wave, {})
            shapes.append({'name': str(number)} | more)
            machines += [
                one
                if isinstance(one, states.Machine)
                else machine(one, number, members[one])
                for one in members
            ]
        plan = self.plan(shapes, status=status, **values)
        return [
            (action.kind, ''.join(one.name for one in action.machines))
            for action in decision.decide(plan, machines, NOW)
        ]

    def plan(self, shapes, **values):
        plan = {'concurrency': None, 'on_failure': 'stop', 'retries': 0}
        plan |= {'kind': 'warm', 'options': {}, 'windows': windows.NONE}
        plan |= {'cutover_requested_at': None, 'status': 'running'}
        return types.SimpleNamespace(**plan | {'waves': shapes} | values)


class TestDecision(DecisionCase):
    def test_the_states(self):
        for state in states.MACHINE_STATES:
            self.assertEqual(state, machine('a', 0, state).state)

    def test_a_source_that_was_brought_back_is_a_failure(self):
        one = machine('a', 0, 'waiting', migration_error={'code': 'x'})
        self.assertEqual('failed', one.state)
        one = machine(
            'a', 0, 'waiting', migration_error={'code': 'x'}, cutover_at=NOW
        )
        self.assertEqual('waiting', one.state)

    def test_it_stays_one_while_it_is_copied_on(self):
        for status, step, expected in (
            ('waiting', 'await_cutover', 'failed'),
            ('running', 'precopy', 'failed'),
            ('running', 'plan_conversion', 'failed'),
            ('rolling_back', 'return_source', 'moving'),
            ('running', 'final_copy', 'moving'),
            ('error', 'precopy', 'failed'),
        ):
            one = machine('a', 0, error={'code': 'x'})
            one = dataclasses.replace(
                one, migration_id='a', status=status, step=step
            )
            self.assertEqual(expected, one.state, step)

    def test_the_first_wave_then_the_next(self):
        pending = {'b': 'pending'}
        self.assertEqual(
            [('start', 'a')], self.decide([{'a': 'pending'}, pending])
        )
        for state in ('moving', 'waiting'):
            self.assertEqual([], self.decide([{'a': state}, pending]))
        for state in ('arrived', 'completed', 'cancelled'):
            self.assertEqual(
                [('start', 'b')], self.decide([{'a': state}, pending])
            )

    def test_a_dependency_needs_success_and_an_order_only_an_end(self):
        for after, expected in (
            (None, [('start', 'b')]),
            (['0'], [('stop', '')]),
            ([], [('start', 'b')]),
        ):
            waves = [{'a': 'failed'}, ({'b': 'pending'}, {'after': after})]
            self.assertEqual(
                expected, self.decide(waves, on_failure='continue')
            )

    def test_room(self):
        wave = {'a': 'moving', 'b': 'waiting', 'c': 'pending', 'd': 'pending'}
        self.assertEqual([('start', 'c'), ('start', 'd')], self.decide([wave]))
        self.assertEqual([('start', 'c')], self.decide([wave], concurrency=2))
        limited = (wave, {'concurrency': 1})
        self.assertEqual([], self.decide([limited]))

    def test_a_group_is_not_overtaken(self):
        wave = [
            machine('a', 0, 'moving'),
            machine('b', 0, group='g'),
            machine('c', 0, group='g'),
            machine('d', 0),
        ]
        self.assertEqual([], self.decide([wave], concurrency=2))
        self.assertEqual([('start', 'bc')], self.decide([wave], concurrency=3))

    def test_failures(self):
        waves = [{'a': 'failed', 'b': 'pending'}]
        self.assertEqual([('stop', '')], self.decide(waves))
        self.assertEqual(
            [('retry', 'a'), ('start', 'b')], self.decide(waves, retries=1)
        )
        self.assertEqual(
            [('start', 'b')], self.decide(waves, on_failure='continue')
        )

    def test_a_retry_is_asked_for_once(self):
        one = machine('a', 0, 'failed', retry_requested_at=NOW)
        self.assertEqual([], self.decide([[one]], retries=1))

    def test_the_end(self):
        self.assertEqual(
            [('complete', '')],
            self.decide([{'a': 'completed', 'b': 'cancelled'}]),
        )
        self.assertEqual([], self.decide([{'a': 'arrived'}]))

    def test_a_plan_that_is_paused_does_nothing(self):
        for status in ('paused', 'error'):
            self.assertEqual([], self.decide([{'a': 'pending'}], status))

    def test_cancelling(self):
        waves = [{'a': 'moving', 'b': 'arrived', 'c': 'pending'}]
        self.assertEqual([('cancel', 'a')], self.decide(waves, 'cancelling'))
        waves = [{'a': 'cancelled', 'b': 'arrived', 'c': 'pending'}]
        self.assertEqual([('cancelled', '')], self.decide(waves, 'cancelling'))


class TestGroups(DecisionCase):
    def group(self, *members, **values):
        """Decide on a group of ``(state, columns)`` named a, b and so on."""
        machines = [
            machine(name, 0, state, group='g', **more)
            for name, (state, more) in zip('abc', members, strict=False)
        ]
        values.setdefault('cutover_requested_at', NOW)
        return self.decide([machines], **values)

    def test_it_is_cut_over_whole(self):
        ready = ('waiting', {})
        self.assertEqual([('cut_over', 'ab')], self.group(ready, ready))
        for other in ('moving', 'pending'):
            found = self.group(ready, (other, {}))
            self.assertNotIn('cut_over', [kind for kind, _names in found])
        self.assertEqual(
            [], self.group(ready, ready, cutover_requested_at=None)
        )

    def test_it_is_taken_back_whole(self):
        lost = ('waiting', {'migration_error': {'code': 'x'}})
        over = ('arrived', {})
        for status in ('running', 'paused', 'error'):
            self.assertEqual(
                [('take_back', 'ab')], self.group(over, lost, status=status)
            )
        under_way = ('moving', {'cutover_at': NOW})
        self.assertEqual([('take_back', 'ab')], self.group(under_way, lost))
        asked = ('waiting', {'cutover_at': NOW})
        self.assertEqual([('take_back', 'ab')], self.group(asked, lost))

    def test_why_it_is_taken_back_is_told(self):
        error = {'code': 'x.y', 'message': '[datastore] of a host'}
        members = [
            machine('a', 0, 'arrived', group='g'),
            machine('b', 0, 'failed', group='g', migration_error=error),
        ]
        plan = self.plan([{'name': 'w'}], cutover_requested_at=NOW)
        (action,) = decision.decide(plan, members, NOW)
        self.assertEqual('take_back', action.kind)
        self.assertIn('came back: b (x.y)', action.message)
        self.assertNotIn('host', action.message)

    def test_who_is_on_its_way_back_is_named(self):
        error = {'code': 'x'}
        lost = machine('b', 0, 'waiting', group='g', error=error)
        back = dataclasses.replace(
            machine('a', 0, 'moving', group='g', error=error),
            status='rolling_back',
            step='return_source',
        )
        plan = self.plan([{'name': 'w'}], cutover_requested_at=NOW)
        (action,) = decision.decide(plan, [back, lost], NOW)
        self.assertEqual('stop', action.kind)
        self.assertIn('failed: a, b.', action.message)

    def test_a_failure_before_the_cutover_takes_nothing_back(self):
        found = self.group(('waiting', {}), ('failed', {}))
        self.assertEqual([('stop', '')], found)

    def test_the_window_ends(self):
        window = {'not_before': None, 'not_after': '2026-11-21T21:00:00'}
        closed = {
            'windows': windows.NONE | {'cutover': window},
            'cutover_requested_at': None,
        }
        members = (('arrived', {}), ('moving', {'cutover_at': NOW}))
        self.assertEqual([('take_back', 'ab')], self.group(*members, **closed))
        whole = (('arrived', {}), ('completed', {}))
        self.assertEqual([], self.group(*whole, **closed))

    def test_it_is_accepted_whole(self):
        over = ('arrived', {})
        auto = {'acceptance': 'auto'}
        self.assertEqual(
            [('accept', 'ab')], self.group(over, over, options=auto)
        )
        self.assertEqual([], self.group(over, over))
        found = self.group(over, ('moving', {}), options=auto)
        self.assertEqual([], found)


class TestWindows(testtools.TestCase):
    def test_when_machines_may_begin(self):
        hour = '2026-11-21T23:00:00'
        for start, blackouts, expected in (
            (None, [], True),
            ({'not_before': hour, 'not_after': None}, [], False),
            ({'not_before': None, 'not_after': hour}, [], True),
            (None, [{'from': '2026-11-21T21:00:00', 'until': hour}], False),
        ):
            kept = {'start': start, 'cutover': None, 'blackouts': blackouts}
            self.assertEqual(expected, windows.may_start(kept, NOW))
