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

"""Plans from the request to the last machine, between fake ends."""

import datetime

from migrate_service import exceptions
from migrate_service.db.api import paging
from migrate_service.db.api import plan_steps
from migrate_service.db.api import plans as plans_db
from tests.functional import base


class PlanCase(base.TestCase):
    conductors = 2
    workers = 2

    def plan(self, waves, **values):
        """Create a plan of machines by their names; return its id.

        :param waves: ``{name: names of machines, or the wave's members}``.
        """
        self.source_id = self.ready_source()
        plan = {
            'name': 'night',
            'source_id': self.source_id,
            'options': {
                'networks': [
                    {'source': 'network-1', 'network_id': base.NETWORK}
                ],
                'acceptance': 'auto',
            },
            'waves': [
                {'name': name} | self.members(wave)
                for name, wave in waves.items()
            ],
        } | values
        answer = self.request('POST', '/plans', {'plan': plan})
        return answer['plan']['id']

    def members(self, wave):
        wave = wave if isinstance(wave, dict) else {'machines': wave}
        machines = [
            one if isinstance(one, dict) else {'name': one}
            for one in wave['machines']
        ]
        return wave | {
            'machines': [
                {'machine_id': self.machines[one['name']].key}
                | {key: one[key] for key in one if key != 'name'}
                for one in machines
            ]
        }

    def add(self, *names, **values):
        self.machines = {
            name: self.add_machine(name, sizes=(base.MIB,), **values)
            for name in names
        }

    def act(self, id, action):
        return self.request('POST', f'/plans/{id}/{action}')['plan']

    def delete(self, id):
        """Delete a plan as soon as its trust, which ends last, is gone."""
        self.wait_for(
            lambda: plans_db.get(self.context, id).trust_id is None,
            'the end of the trust',
        )
        self.request('DELETE', f'/plans/{id}')

    def shown(self, id):
        return self.request('GET', f'/plans/{id}')['plan']

    def states(self, id):
        answer = self.request('GET', f'/plans/{id}/machines')
        return {one['name']: one['state'] for one in answer['machines']}

    def migration_of(self, id, name):
        answer = self.request('GET', f'/plans/{id}/machines')
        return next(
            one['migration_id']
            for one in answer['machines']
            if one['name'] == name
        )

    def story_of(self, id):
        """Return ``(event, machine or None)`` of a plan in order."""
        names = {one.key: name for name, one in self.machines.items()}
        answer = self.request('GET', f'/plans/{id}/events')
        return [
            (one['event'], names.get(one['machine_id']))
            for one in answer['events']
        ]

    def wait_for_plan(self, id, status):
        def has_it():
            plan = self.shown(id)
            return plan if plan['status'] == status else None

        return self.wait_for(has_it, f'a plan that is {status}')

    def wait_for_states(self, id, **expected):
        self.wait_for(
            lambda: expected.items() <= self.states(id).items(),
            f'machines that are {expected}',
        )

    def span(self, id, name):
        """Return when the migration of a machine began and arrived."""
        events = self.events(self.migration_of(id, name))
        arrival = next(one for one in events if one.step == 'await_acceptance')
        return events[0].created_at, arrival.created_at


class TestOrder(PlanCase):
    def test_waves_wait_for_each_other(self):
        self.add('a', 'b', 'c', 'd')
        id = self.plan({'one': ['a', 'b'], 'two': ['c'], 'three': ['d']})
        self.assertEqual('draft', self.shown(id)['status'])
        self.act(id, 'start')
        plan = self.wait_for_plan(id, 'completed')
        self.assertEqual(100, plan['progress']['percent'])
        self.assertEqual(
            ['done'] * 3, [wave['status'] for wave in plan['waves']]
        )
        ends = [self.span(id, name)[1] for name in ('a', 'b')]
        self.assertLess(max(ends), self.span(id, 'c')[0])
        self.assertLess(self.span(id, 'c')[1], self.span(id, 'd')[0])
        started = [
            name
            for event, name in self.story_of(id)
            if event == 'machine_started'
        ]
        self.assertEqual(['a', 'b', 'c', 'd'], started)

    def test_what_depends_on_nothing_begins_at_once(self):
        self.add('a', 'b', 'c')
        id = self.plan(
            {
                'one': ['a'],
                'two': {'machines': ['b'], 'after': []},
                'three': {'machines': ['c'], 'after': ['one', 'two']},
            }
        )
        self.doors['inspect'] = 'hold'
        self.act(id, 'start')
        self.wait_for_states(id, a='moving', b='moving', c='pending')
        self.doors.clear()
        self.wait_for_plan(id, 'completed')

    def test_no_more_machines_move_than_may(self):
        self.add('a', 'b', 'c', 'd', 'e')
        id = self.plan(
            {'one': {'machines': ['a', 'b', 'c'], 'concurrency': 1}}
            | {'two': {'machines': ['d', 'e'], 'after': []}},
            concurrency=2,
        )
        self.act(id, 'start')
        self.wait_for_plan(id, 'completed')
        spans = {name: self.span(id, name) for name in self.machines}
        for name in spans:
            self.assertLessEqual(self.beside(spans, name, 'abcde'), 2)
        for name in 'abc':
            self.assertEqual(1, self.beside(spans, name, 'abc'))

    def beside(self, spans, name, names):
        """Return how many moved at the moment when ``name`` began."""
        moment = spans[name][0]
        return sum(spans[one][0] <= moment < spans[one][1] for one in names)

    def test_overrides_are_of_one_machine(self):
        self.add('a', 'b')
        other = {'name': 'b', 'overrides': {'metadata': {'tier': 'db'}}}
        id = self.plan({'one': ['a', other]})
        self.act(id, 'start')
        self.wait_for_plan(id, 'completed')
        for name, metadata in (('a', {}), ('b', {'tier': 'db'})):
            row = self.migration(self.migration_of(id, name))
            self.assertEqual(metadata, row.options['metadata'])


class TestFailures(PlanCase):
    def fail_first(self, **values):
        """Run a plan whose first machine fails; return its id."""
        self.add('a', 'b', 'c')
        id = self.plan(
            {
                'one': ['a'],
                'two': ['b'],
                'three': {'machines': ['c'], 'after': ['one']},
            },
            **values,
        )
        self.clouds.fail('create_volume', times=1)
        self.act(id, 'start')
        return id

    def test_a_failure_stops_the_plan_until_it_is_resumed(self):
        id = self.fail_first()
        plan = self.wait_for_plan(id, 'error')
        self.assertEqual('plan.stopped', plan['error']['code'])
        self.assertEqual(
            {'a': 'failed', 'b': 'pending', 'c': 'pending'}, self.states(id)
        )
        self.act(id, 'resume')
        plan = self.wait_for_plan(id, 'completed')
        self.assertIsNone(plan['error'])

    def test_others_go_on_but_not_what_depends_on_it(self):
        id = self.fail_first(on_failure='continue')
        plan = self.wait_for_plan(id, 'error')
        self.assertEqual(
            {'a': 'failed', 'b': 'completed', 'c': 'pending'},
            self.states(id),
        )
        self.assertIn('held back', plan['error']['message'])
        self.act(id, 'resume')
        self.wait_for_plan(id, 'completed')

    def test_a_failure_is_tried_again(self):
        id = self.fail_first(retries=1)
        self.wait_for_plan(id, 'completed')
        self.assertIn(('machine_retried', 'a'), self.story_of(id))

    def test_tries_end(self):
        self.add('a')
        id = self.plan({'one': ['a']}, retries=2)
        self.doors['reserve'] = 'fail'
        self.act(id, 'start')
        self.wait_for_plan(id, 'error')
        tries = self.story_of(id).count(('machine_retried', 'a'))
        self.assertEqual(2, tries)
        self.doors.clear()
        self.act(id, 'resume')
        self.wait_for_plan(id, 'completed')

    def test_a_machine_that_is_being_moved_fails(self):
        self.add('a')
        id = self.plan({'one': ['a']})
        self.doors['inspect'] = 'hold'
        other = self.create(self.source_id, self.machines['a'])
        self.act(id, 'start')
        self.wait_for_plan(id, 'error')
        (machine,) = self.request('GET', f'/plans/{id}/machines')['machines']
        self.assertEqual('plan.machine_unavailable', machine['error']['code'])
        self.assertIn(other, machine['error']['message'])


class TestActions(PlanCase):
    def test_a_pause_begins_nothing(self):
        self.add('a', 'b')
        id = self.plan({'one': ['a'], 'two': ['b']})
        self.doors['inspect'] = 'hold'
        self.act(id, 'start')
        self.wait_for_states(id, a='moving')
        self.act(id, 'pause')
        self.doors.clear()
        self.wait_for_states(id, a='completed')
        self.assertEqual('pending', self.states(id)['b'])
        self.act(id, 'resume')
        self.wait_for_plan(id, 'completed')

    def test_what_arrived_is_waited_for_and_followed(self):
        self.add('a', 'b')
        options = {
            'networks': [{'source': 'network-1', 'network_id': base.NETWORK}]
        }
        id = self.plan({'one': ['a'], 'two': ['b']}, options=options)
        self.act(id, 'start')
        self.wait_for_states(id, a='arrived', b='arrived')
        plan = self.shown(id)
        self.assertEqual(
            ('running', 100), (plan['status'], plan['progress']['percent'])
        )
        for name in ('a', 'b'):
            migration = self.migration_of(id, name)
            # It arrived with its step, and waits a moment later.
            self.wait_for_status(migration, 'waiting')
            self.accept(migration)
        self.wait_for_plan(id, 'completed')

    def test_a_cancelled_plan_leaves_what_arrived(self):
        self.add('a', 'b', 'c')
        id = self.plan({'one': ['a'], 'two': ['b'], 'three': ['c']})
        self.doors['reserve'] = 'hold'
        self.act(id, 'start')
        self.wait_for_door('reserve')
        self.doors.clear()
        self.wait_for_states(id, a='completed')
        self.doors['reserve'] = 'hold'
        self.wait_for_states(id, b='moving')
        self.act(id, 'cancel')
        self.doors.clear()
        self.wait_for_plan(id, 'cancelled')
        self.assertEqual(
            {'a': 'completed', 'b': 'cancelled', 'c': 'pending'},
            self.states(id),
        )
        self.delete(id)

    def test_migrations_of_a_plan_outlive_it(self):
        self.add('a')
        id = self.plan({'one': ['a']})
        self.act(id, 'start')
        self.wait_for_plan(id, 'completed')
        migration = self.migration_of(id, 'a')
        error = self.assertRaises(
            base.Refused, self.request, 'DELETE', f'/migrations/{migration}'
        )
        self.assertEqual('migration.in_plan', error.code)
        self.delete(id)
        self.request('DELETE', f'/migrations/{migration}')


class TestConductors(PlanCase):
    def test_a_plan_goes_on_after_the_death_of_its_conductor(self):
        self.add('a', 'b')
        id = self.plan({'one': ['a', 'b']}, concurrency=1)
        self.doors['inspect'] = 'hold'
        self.act(id, 'start')
        self.wait_for_states(id, a='moving')
        token, plan = self.die_with(id)
        self.doors.clear()
        self.wait_for_states(id, a='completed')
        self.assertEqual('pending', self.states(id)['b'])
        self.service.clock.advance(61)
        self.wait_for_plan(id, 'completed')
        self.assertRaises(
            exceptions.LeaseLost,
            plan_steps.end,
            self.context,
            plan,
            token,
            'error',
            'stopped',
            {},
            'A zombie.',
        )
        names = [event for event, _name in self.story_of(id)]
        self.assertEqual(2, names.count('machine_started'))
        self.assertEqual('completed', names[-1])

    def die_with(self, id):
        """Claim a plan as a conductor does that dies at once."""
        now = self.service.clock.now()
        expires = now + datetime.timedelta(seconds=60)

        def claimed():
            plan = plans_db.get(self.context, id)
            try:
                return plan_steps.claim(self.context, plan, expires), plan
            except exceptions.LeaseLost:
                return None

        return self.wait_for(claimed, 'the claim')

    def test_many_machines_begin_once(self):
        names = [f'm{number}' for number in range(12)]
        self.add(*names)
        id = self.plan({'one': names[:6], 'two': names[6:]}, concurrency=4)
        self.act(id, 'start')
        self.wait_for_plan(id, 'completed')
        page = paging.Page(sort_key='id')
        events = plans_db.event_page(self.context, id, page)
        started = [
            event.machine_id
            for event in events
            if event.event == 'machine_started'
        ]
        self.assertEqual(sorted(set(started)), sorted(started))
        self.assertEqual(12, len(started))
