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

"""Plans wait for the limits of their project; Keystone is played."""

from oslo_limit import fixture

from migrate_service.db.api import usage
from tests.functional import test_plans


class TestLimits(test_plans.PlanCase):
    def limit(self, **registered):
        self.config.set('enabled', True, 'limits')
        self.config.set('endpoint_service_type', 'migration', 'oslo_limit')
        return self.useFixture(fixture.LimitFixture(registered, {}))

    def start(self, **values):
        self.add('a', 'b', 'c')
        id = self.plan({'one': ['a', 'b', 'c']}, **values)
        self.act(id, 'start')
        return id

    def held(self, id):
        """Return ``{machine: why it was held}``."""
        names = {one.key: name for name, one in self.machines.items()}
        answer = self.request('GET', f'/plans/{id}/events')
        return {
            names[one['machine_id']]: one['message']
            for one in answer['events']
            if one['event'] == 'machine_held'
        }

    def test_no_more_are_active_than_may(self):
        self.limit(migration_active=1)
        id = self.start()
        self.wait_for_plan(id, 'completed')
        spans = [self.span(id, name) for name in 'abc']
        for (_begun, arrived), (begun, _arrived) in zip(
            spans, spans[1:], strict=False
        ):
            self.assertLess(arrived, begun)
        held = self.held(id)
        self.assertIn('migration_active is 1 migrations', held['b'])
        # The first that finds no room is told, once until it begins.
        story = self.story_of(id)
        self.assertEqual(1, story.count(('machine_held', 'b')))
        self.assertNotIn('a', held)

    def test_bytes_of_a_day_count(self):
        limits = self.limit(migration_gib_per_day=2)
        id = self.start()
        self.wait_for_states(id, a='completed', b='completed', c='pending')
        self.wait_for(lambda: 'c' in self.held(id), 'the reason')
        self.assertEqual('running', self.shown(id)['status'])
        used = usage.of_project(self.context, 'project-a')
        self.assertEqual(2, used[usage.PER_DAY])
        limits.reglimits['migration_gib_per_day'] = 3
        self.wait_for_plan(id, 'completed')
