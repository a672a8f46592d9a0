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

"""How long plans would take, and what holds them up."""

import datetime
import time
import types

import testtools

from migrate_service.plans import simulation
from migrate_service.plans import windows
from tests.unit.service import test_plans

NOW = datetime.datetime(2026, 11, 21, 22)
#: 100 seconds of copying, then 10 of the cutover.
WORK = simulation.Work(amount=1000, rate=10, cutover=10)


class SimulationCase(testtools.TestCase):
    def plan(self, *waves, **values):
        """Return a plan, and its machines, of waves of names.

        :param waves: texts of names of one letter, or pairs of these and
            what else there is to a wave.
        """
        machines, shapes = [], []
        for number, wave in enumerate(waves):
            names, more = wave if isinstance(wave, tuple) else (wave, {})
            shapes.append({'name': str(number)} | more)
            machines += [test_plans.machine(one, number) for one in names]
        plan = {
            'kind': 'cold',
            'waves': shapes,
            'concurrency': None,
            'windows': windows.NONE,
            'cutover_requested_at': None,
        }
        return types.SimpleNamespace(**plan | values), machines

    def play(self, *waves, means=None, work=None, **values):
        plan, machines = self.plan(*waves, **values)
        return simulation.play(
            plan, machines, *self.given(machines, means, work)
        )

    def relief(self, *waves, means=None, work=None, **values):
        plan, machines = self.plan(*waves, **values)
        return simulation.relief(
            plan, machines, *self.given(machines, means, work)
        )

    def given(self, machines, means, work):
        work = {one.id: WORK for one in machines} | (work or {})
        return work, simulation.Means(**means or {}), NOW

    def seconds(self, *waves, **values):
        course = self.play(*waves, **values)
        self.assertIsNone(course.reason)
        return round((course.end - NOW).total_seconds())


class TestPlay(SimulationCase):
    def test_the_end(self):
        slow = {'budget': 10}
        for expected, waves, values in (
            (110, ['a'], {}),
            (110, ['abcd'], {}),
            (220, ['ab', 'cd'], {}),
            (110, ['ab', ('cd', {'after': []})], {}),
            (220, ['ab', ('cd', {'after': ['0']})], {}),
            (220, ['abcd'], {'means': {'slots': 2}}),
            (330, ['abcde'], {'means': {'slots': 2}}),
            (220, ['abcd'], {'means': {'source': 2}}),
            (440, ['abcd'], {'means': {'slots': 4, 'source': 1}}),
            (220, ['abcd'], {'concurrency': 2}),
            (440, [('abcd', {'concurrency': 1})], {'concurrency': 3}),
            # Two share the budget while they copy, not in the cutover.
            (210, ['ab'], {'means': slow}),
            (110, ['a'], {'means': slow}),
            (110, ['ab'], {'kind': 'warm'}),
            # Who waits for its cutover gives its place to others.
            (220, ['ab'], {'kind': 'warm', 'means': {'slots': 1}}),
        ):
            self.assertEqual(expected, self.seconds(*waves, **values), waves)

    def test_who_needs_less_leaves_the_rest_of_a_budget(self):
        thin = simulation.Work(amount=100, rate=1, cutover=0)
        # 1 and 9 of 10 a second; then 10 for the last 100 bytes.
        seconds = self.seconds(
            'ab', means={'budget': 10}, work={'a': thin, 'b': WORK}
        )
        self.assertEqual(120, seconds)

    def test_windows(self):
        hour = {'not_before': '2026-11-21T23:00:00', 'not_after': None}
        late = {'not_before': None, 'not_after': '2026-11-21T23:00:00'}
        black = {'from': '2026-11-21T21:00:00', 'until': '2026-11-21T22:30:00'}
        for expected, kind, kept in (
            (3600 + 110, 'cold', {'start': hour}),
            (3600 + 10, 'warm', {'cutover': hour}),
            (110, 'warm', {'cutover': late}),
            (1800 + 110, 'cold', {'blackouts': [black]}),
        ):
            kept = windows.NONE | kept
            seconds = self.seconds('a', kind=kind, windows=kept)
            self.assertEqual(expected, seconds, kept)

    def test_a_plan_that_does_not_end_says_why(self):
        over = {'not_before': None, 'not_after': '2026-11-21T22:01:00'}
        course = self.play(
            'ab', means={'slots': 9}, concurrency=1,
            windows=windows.NONE | {'start': over},
        )  # fmt: skip
        self.assertIsNone(course.end)
        self.assertIn('window for starts ended', course.reason)
        course = self.play(
            'a', kind='warm', windows=windows.NONE | {'cutover': over}
        )
        self.assertIsNone(course.end)

    def test_what_has_arrived_takes_nothing(self):
        plan, machines = self.plan('', 'b')
        machines.insert(0, test_plans.machine('a', 0, 'completed'))
        course = simulation.play(
            plan, machines, {'b': WORK}, simulation.Means(), NOW
        )
        self.assertEqual(110, (course.end - NOW).total_seconds())
        self.assertEqual(['b'], list(course.began))

    def test_many_machines_are_played_quickly(self):
        plan, _none = self.plan('a')
        machines = [test_plans.machine(f'm{n}', 0) for n in range(300)]
        work = {one.id: WORK for one in machines}
        before = time.process_time()
        course = simulation.play(
            plan, machines, work, simulation.Means(slots=16), NOW
        )
        self.assertEqual(19 * 110, (course.end - NOW).total_seconds())
        self.assertLess(time.process_time() - before, 30)


class TestRelief(SimulationCase):
    def test_what_holds_a_plan_up(self):
        hour = {'not_before': '2026-11-21T23:00:00', 'not_after': None}
        kept = windows.NONE | {'start': hour}
        for expected, waves, values in (
            ({}, ['ab'], {}),
            ({'nodes': 110}, ['ab'], {'means': {'slots': 1}}),
            ({'source': 110}, ['ab'], {'means': {'source': 1}}),
            ({'budget': 100}, ['ab'], {'means': {'budget': 10}}),
            ({'concurrency': 110}, ['ab'], {'concurrency': 1}),
            ({'order': 110}, ['a', 'b'], {}),
            ({'windows': 3600}, ['a'], {'windows': kept}),
            (
                {'windows': 3600, 'order': 110},
                ['a', 'b'],
                {'windows': kept},
            ),
        ):
            found = self.relief(*waves, **values)
            self.assertEqual(expected, found, waves)
            self.assertEqual(list(expected), list(found))

    def test_a_window_without_which_a_plan_would_end(self):
        over = {'not_before': None, 'not_after': '2026-11-21T21:00:00'}
        found = self.relief('a', windows=windows.NONE | {'start': over})
        self.assertEqual({'windows': None}, found)
