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

"""Plans with windows, and groups that are cut over together or not at all."""

import datetime

from migrate_service.db.api import plans as plans_db
from tests.functional import base
from tests.functional import test_plans


class GroupCase(test_plans.PlanCase):
    def warm(self, **values):
        """Start a warm plan of the group a and b, and c alone."""
        self.add('a', 'b', 'c')
        group = [{'name': 'a', 'group': 'g'}, {'name': 'b', 'group': 'g'}]
        id = self.plan({'one': [*group, 'c']}, kind='warm', **values)
        self.act(id, 'start')
        return id

    def later(self, **delta):
        moment = self.service.clock.now() + datetime.timedelta(**delta)
        return f'{moment.isoformat()}Z'

    def power(self, name):
        key = self.machines[name].key
        return self.clouds.get('machines', key)['power_state']

    def change(self, id, **values):
        return self.request('PATCH', f'/plans/{id}', {'plan': values})


class TestCutover(GroupCase):
    def test_nothing_is_cut_over_before_it_is_asked_for(self):
        id = self.warm()
        self.wait_for_states(id, a='waiting', b='waiting', c='waiting')
        self.assertEqual('running', self.shown(id)['status'])
        self.act(id, 'cutover')
        self.wait_for_plan(id, 'completed')
        story = self.story_of(id)
        for name in 'abc':
            self.assertIn(('machine_cutover', name), story)
        self.assertIn(('machine_accepted', 'a'), story)
        self.assertNotIn(('machine_accepted', 'c'), story)

    def test_a_group_waits_for_its_last_machine(self):
        self.doors['reserve'] = 'hold'
        id = self.warm()
        self.wait_for_door('reserve')
        self.wait_for_states(id, a='moving', b='moving')
        self.doors['precopy'] = 'fail'
        self.doors.pop('reserve')
        self.wait_for_plan(id, 'error')
        self.assertNotIn('machine_cutover', str(self.story_of(id)))
        for name in 'abc':
            self.assertEqual('on', self.power(name))

    def test_one_that_fails_takes_its_group_back(self):
        id = self.warm(on_failure='continue')
        self.wait_for_states(id, a='waiting', b='waiting', c='waiting')
        self.doors['probe'] = 'hold'
        self.act(id, 'cutover')
        self.wait_for_door('probe')
        self.fail_one(id, 'a')
        self.doors.clear()
        self.wait_for_plan(id, 'error')
        self.assertEqual(('on', 'on'), (self.power('a'), self.power('b')))
        # Who came back is copied on: a round of it may be under way.
        self.wait_for_states(id, a='failed', b='failed', c='completed')
        story = self.story_of(id)
        self.assertIn(('machine_taken_back', 'b'), story)
        self.assertNotIn(('machine_accepted', 'b'), story)
        self.act(id, 'resume')
        self.wait_for_plan(id, 'completed')

    def fail_one(self, id, name):
        """Take the source of one machine back, as a failed probe does."""
        self.wait_for_states(id, b='moving', a='moving')
        self.roll_back(self.migration_of(id, name))

    def test_who_came_back_stays_failed_while_it_is_copied_on(self):
        id = self.warm(on_failure='continue')
        self.wait_for_states(id, a='waiting', b='waiting', c='waiting')
        self.doors['probe'] = 'hold'
        self.act(id, 'cutover')
        migration = self.migration_of(id, 'c')
        self.wait_for(lambda: self.migration(migration).step == 'probe')
        self.doors['precopy'] = 'hold'
        self.roll_back(migration)
        self.wait_for_door('precopy')
        self.doors.pop('probe')
        self.wait_for_states(id, a='completed', b='completed', c='failed')
        self.doors.clear()
        self.wait_for_status(migration, 'waiting')
        self.wait_for_plan(id, 'error')
        self.assertEqual('failed', self.states(id)['c'])
        answer = self.request('GET', f'/plans/{id}/machines')
        error = answer['machines'][-1]['error']
        self.assertEqual('plan.machine_brought_back', error['code'])
        self.assertEqual(1, self.story_of(id).count(('machine_cutover', 'c')))
        self.act(id, 'resume')
        self.wait_for_plan(id, 'completed')

    def test_a_pause_recalls_cutovers_that_have_not_begun(self):
        id = self.warm()
        self.wait_for_states(id, a='waiting', b='waiting', c='waiting')
        migration = self.migration_of(id, 'c')
        moment = self.service.clock.now() + datetime.timedelta(hours=1)
        self.cut_over(migration, moment)
        self.act(id, 'pause')
        self.assertIsNone(self.migration(migration).cutover_at)
        answer = self.request('GET', f'/plans/{id}/events')
        self.assertIn('recalled: 1', answer['events'][-1]['message'])
        self.act(id, 'resume')
        self.act(id, 'cutover')
        self.wait_for_plan(id, 'completed')

    def test_why_a_group_waits_is_told_once(self):
        options = {
            'networks': [{'source': 'network-1', 'network_id': base.NETWORK}],
            'require_rehearsal': True,
        }
        id = self.warm(options=options)
        self.wait_for_states(id, a='waiting', b='waiting', c='waiting')
        self.act(id, 'cutover')
        reasons = {('machine_held', name) for name in 'abc'}
        self.wait_for(lambda: reasons <= set(self.story_of(id)), 'the reasons')
        looks = plans_db.get(self.context, id).attempt
        self.wait_for(
            lambda: plans_db.get(self.context, id).attempt > looks + 1,
            'two more looks at the plan',
        )
        story = self.story_of(id)
        for name in 'abc':
            self.assertEqual(1, story.count(('machine_held', name)))
        self.assertNotIn('machine_cutover', str(story))

    def test_a_cold_group_is_all_or_none(self):
        self.add('a', 'b')
        group = [{'name': name, 'group': 'g'} for name in 'ab']
        id = self.plan({'one': group})
        self.doors['copy_disks'] = 'hold'
        self.act(id, 'start')
        self.wait_for_door('copy_disks')
        self.wait_for(lambda: self.power('b') == 'off')
        self.doors['copy_disks'] = 'fail'
        plan = self.wait_for_plan(id, 'error')
        self.wait_for_states(id, a='failed', b='failed')
        self.wait_for(
            lambda: (self.power('a'), self.power('b')) == ('on', 'on'),
            'both sources',
        )
        self.assertEqual('plan.stopped', plan['error']['code'])
        self.doors.clear()
        self.wait_for(self.all_ended(id), 'the end of the migrations')
        self.act(id, 'resume')
        self.wait_for_plan(id, 'completed')
        self.assertEqual({'off'}, {self.power(name) for name in 'ab'})

    def all_ended(self, id):
        ids = [self.migration_of(id, name) for name in 'ab']
        return lambda: (
            {self.migration(one).status for one in ids} == {'cancelled'}
        )


class TestWindows(GroupCase):
    def test_machines_begin_in_their_window(self):
        self.add('a')
        window = {'not_before': self.later(hours=1)}
        id = self.plan({'one': ['a']}, windows={'start': window})
        self.act(id, 'start')
        self.service.clock.advance(3500)
        self.assertEqual('pending', self.states(id)['a'])
        self.service.clock.advance(101)
        self.wait_for_plan(id, 'completed')

    def test_a_blackout_holds_everything(self):
        self.add('a')
        black = {'from': self.later(hours=-1), 'until': self.later(hours=1)}
        id = self.plan({'one': ['a']}, windows={'blackouts': [black]})
        self.act(id, 'start')
        self.assertEqual('pending', self.states(id)['a'])
        self.change(id, windows={})
        self.wait_for_plan(id, 'completed')

    def test_a_window_that_has_ended_stops_the_plan(self):
        self.add('a')
        window = {'not_after': self.later(hours=-1)}
        id = self.plan({'one': ['a']}, windows={'start': window})
        self.act(id, 'start')
        plan = self.wait_for_plan(id, 'error')
        self.assertIn('window for starts ended', plan['error']['message'])
        self.change(id, windows={'start': {'not_after': self.later(hours=1)}})
        self.act(id, 'resume')
        self.wait_for_plan(id, 'completed')

    def test_a_cutover_window_opens_by_itself(self):
        window = {'not_before': self.later(hours=1)}
        id = self.warm(windows={'cutover': window})
        self.wait_for_states(id, a='waiting', b='waiting', c='waiting')
        self.assertNotIn('machine_cutover', str(self.story_of(id)))
        self.service.clock.advance(3601)
        self.wait_for_plan(id, 'completed')

    def test_a_group_that_is_late_is_taken_back(self):
        end = {'not_after': self.later(hours=1)}
        self.doors['probe'] = 'hold'
        id = self.warm(windows={'cutover': end})
        self.wait_for_door('probe')
        self.wait_for(lambda: self.power('b') == 'off')
        self.service.clock.advance(3601)
        self.wait_for_plan(id, 'error')
        self.doors.clear()
        self.wait_for(
            lambda: (self.power('a'), self.power('b')) == ('on', 'on'),
            'both sources',
        )

    def test_errors_name_the_window(self):
        self.add('a')
        black = {'from': self.later(hours=1), 'until': self.later(hours=0)}
        error = self.assertRaises(
            base.Refused,
            self.plan,
            {'one': ['a']},
            windows={'blackouts': [black]},
        )
        self.assertIn('plan.windows.blackouts.0: ends before', str(error))
