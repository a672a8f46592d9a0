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

"""What the limits of a project let in, with a Keystone that is played."""

import datetime

import sqlalchemy as sa
from keystoneauth1 import exceptions as keystone_errors
from oslo_limit import fixture

from migrate_service import limits
from migrate_service.db import api as db_api
from migrate_service.db import models
from migrate_service.db import used
from migrate_service.db.api import leases
from migrate_service.db.api import usage
from tests.functional.api import base

GIB = 2**30


class TestCase(base.TestCase):
    """Two machines, of 1 GiB and of 10.5 GiB."""

    def setUp(self):
        super().setUp()
        self.source_id = self.api.ready_source(
            base.machine('vm-1'),
            base.machine('vm-2', disk={'size': 21 * GIB // 2}),
            base.machine('vm-3'),
        )

    def limit(self, project=None, **registered):
        """Play a Keystone with limits, and own ones of project-a."""
        self.config.set('enabled', True, 'limits')
        self.config.set('endpoint_service_type', 'migration', 'oslo_limit')
        return self.useFixture(
            fixture.LimitFixture(registered, {'project-a': project or {}})
        )

    def create(self, machine, **values):
        return self.api.create_migration(
            self.source_id, machine_id=machine, **values
        )

    def shown(self, project='project-a'):
        answer = self.api.request(
            'GET', '/v1/limits', 'reader', project=project
        )
        self.assertEqual(200, answer.status_code, answer.text)
        return {one['name']: one for one in answer.json['limits']}

    def used(self):
        return {name: one['used'] for name, one in self.shown().items()}

    def end(self, response):
        values = {'status': 'completed', 'in_use': None}
        id = response.json['migration']['id']
        leases.update(self.context, models.Migration, id, values)
        return id


class TestUnlimited(TestCase):
    def test_switched_off(self):
        self.limit(migration_active=0)
        self.config.set('enabled', False, 'limits')
        self.assertEqual(202, self.create('vm-1').status_code)
        self.assertEqual({None}, {o['limit'] for o in self.shown().values()})

    def test_nothing_registered(self):
        self.limit()
        self.assertEqual(202, self.create('vm-1').status_code)

    def test_less_than_nothing_is_everything(self):
        self.limit(migration_active=-1)
        self.assertEqual(202, self.create('vm-1').status_code)
        self.assertIsNone(self.shown()[usage.ACTIVE]['limit'])


class TestLimits(TestCase):
    def test_active(self):
        self.limit(migration_active=1)
        first = self.create('vm-1')
        self.assertEqual(202, first.status_code, first.text)
        refused = self.create('vm-2')
        self.assert_error(
            refused,
            403,
            'limit.exceeded',
            'migration_active is 1 migrations, 1 are used and 1 more',
        )
        self.end(first)
        self.assertEqual(202, self.create('vm-2').status_code)

    def test_the_limit_of_the_project_counts(self):
        self.limit({'migration_active': 1}, migration_active=9)
        self.create('vm-1')
        self.assertEqual(403, self.create('vm-2').status_code)

    def test_of_other_projects_nothing_counts(self):
        self.limit(migration_active=1)
        self.create('vm-1')
        shown = self.shown('project-b')
        self.assertEqual(0, shown[usage.ACTIVE]['used'])

    def test_gib_in_flight_are_those_of_volumes(self):
        self.limit(migration_gib_in_flight=11)
        refused = self.create('vm-1')
        self.assertEqual(202, refused.status_code, refused.text)
        self.assert_error(
            self.create('vm-2'),
            403,
            'limit.exceeded',
            'is 11 GiB, 1 are used and 11 more',
        )

    def test_the_day_remembers_deleted_records(self):
        self.limit(migration_gib_per_day=11)
        id = self.end(self.create('vm-2'))
        answer = self.api.request('DELETE', f'/v1/migrations/{id}', 'member')
        self.assertEqual(204, answer.status_code)
        self.assertEqual(0, self.used()[usage.IN_FLIGHT])
        self.assert_error(
            self.create('vm-1'), 403, 'limit.exceeded', '11 are used'
        )
        self.age(id)
        self.assertEqual(202, self.create('vm-1').status_code)

    def age(self, id):
        """Make an admission older than a day."""
        created_at = models.now() - datetime.timedelta(days=1, minutes=1)
        query = sa.update(used.Admission).filter_by(migration_id=id)
        with db_api.context_manager.writer.using(self.context) as session:
            session.execute(query.values(created_at=created_at))

    def test_what_was_refused_leaves_nothing(self):
        self.limit(migration_gib_in_flight=5)
        before = self.used()
        self.assertEqual(403, self.create('vm-2').status_code)
        self.assertEqual(before, self.used())
        answer = self.api.request('GET', '/v1/migrations', 'reader')
        self.assertEqual([], answer.json['migrations'])

    def test_two_at_once_do_not_both_stay(self):
        """Another one is created between the check and our row."""
        self.limit(migration_active=1)
        enforce = limits.ProjectLimits.enforce
        answers = []

        def enforce_late(project_limits, wanted):
            enforce(project_limits, wanted)
            if not answers:
                answers.append(None)
                answers.append(self.create('vm-2'))

        self.patch(limits.ProjectLimits, 'enforce', enforce_late)
        late = self.create('vm-1')
        self.assert_error(late, 403, 'limit.exceeded', '2 are used')
        self.assertEqual(202, answers[1].status_code)
        self.assertEqual(1, self.used()[usage.ACTIVE])

    def test_what_counts_no_more_is_forgotten(self):
        old, running = self.create('vm-1'), self.create('vm-2')
        ids = [self.end(old), running.json['migration']['id']]
        for id in ids:
            self.age(id)
        self.assertEqual(1, usage.forget(self.context, models.now()))
        self.assertEqual(0, usage.forget(self.context, models.now()))
        self.assertEqual(11, self.used()[usage.IN_FLIGHT])


class TestPlans(TestCase):
    def plan(self, *machines):
        named = [{'machine_id': one} for one in machines]
        plan = {
            'name': 'night',
            'source_id': self.source_id,
            'waves': [{'name': 'w', 'machines': named}],
        }
        return self.api.request('POST', '/v1/plans', json={'plan': plan})

    def test_machines_in_plans(self):
        self.limit(migration_plan_machines=2)
        made = self.plan('vm-1', 'vm-2')
        self.assertEqual(201, made.status_code, made.text)
        self.assertEqual(2, self.used()[usage.PLANNED])
        refused = self.plan('vm-3')
        self.assert_error(refused, 403, 'limit.exceeded', 'is 2 machines')


class TestNotices(TestCase):
    def test_a_notice_before_the_limit(self):
        self.limit(migration_active=3)
        self.config.set('soft_percent', 60, 'limits')
        first, second = self.create('vm-1'), self.create('vm-2')
        self.assertEqual([], first.json['migration']['warnings'])
        (notice,) = second.json['migration']['warnings']
        self.assertIn('uses 2 of 3 migrations', notice)
        shown = self.shown()[usage.ACTIVE]
        self.assertEqual(
            (3, 2, 2, notice),
            (
                shown['limit'],
                shown['soft_limit'],
                shown['used'],
                shown['notice'],
            ),
        )


class TestKeystone(TestCase):
    def test_without_an_answer_nothing_is_created(self):
        keystone = self.limit(migration_active=1)
        keystone.mock_conn.registered_limits.side_effect = (
            keystone_errors.ConnectFailure()
        )
        self.assert_error(self.create('vm-1'), 503, 'limit.unavailable')
        answer = self.api.request('GET', '/v1/limits', 'reader')
        self.assert_error(answer, 503, 'limit.unavailable')
        self.assertEqual(
            0, usage.of_project(self.context, 'project-a')[usage.ACTIVE]
        )

    def test_an_endpoint_that_is_not_there(self):
        keystone = self.limit(migration_active=1)
        keystone.mock_conn.services.side_effect = lambda **query: iter(())
        self.assert_error(self.create('vm-1'), 503, 'limit.unavailable')
