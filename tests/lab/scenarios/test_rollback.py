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
"""Cancel at each step, and a failure at each step, leave no trace."""

from openstack import exceptions

from migrate_service import pipelines
from tests.lab.scenarios import base
from tests.lab.service import tenants


class TestRollback(base.Scenario):
    """The step's work is done and unreported: the worst moment to stop."""

    def setUp(self):
        super().setUp()
        self.reset(self.machine)
        self.before = self.world()

    def cancel_at(self, step):
        self.close_door(step, 'hold')
        migration = self.move()
        self.at_door(migration.id, step)
        self.member.migration.cancel_migration(migration.id)
        self.wait(migration.id, 'cancelled')
        self.assertEqual(self.before, self.world())

    def test_no_way_back_from_the_last_step(self):
        """The trust is gone: cancel is refused, retry completes."""
        self.close_door('release_source', 'fail')
        migration = self.move()
        self.wait(migration.id, 'error')
        with self.assertRaises(exceptions.ConflictException) as caught:
            self.member.migration.cancel_migration(migration.id)
        code = caught.exception.response.json()['errors'][0]['code']
        self.assertEqual('migration.no_way_back', code)
        self.open_doors()
        self.member.migration.retry_migration(migration.id)
        done = self.wait(migration.id, 'completed')
        tenants.remove_server(self.member, done.result['server_id'])
        self.reset(self.machine)
        self.assertEqual(self.before, self.world())

    def fail_at(self, step):
        self.close_door(step, 'fail')
        migration = self.move()
        failed = self.wait(migration.id, 'error')
        self.assertEqual('lab.door', failed.error['code'])
        self.assertEqual(step, failed.step)
        self.open_doors()
        self.member.migration.cancel_migration(migration.id)
        self.wait(migration.id, 'cancelled')
        self.assertEqual(self.before, self.world())


def _add_tests():
    for step in pipelines.COLD:
        if step in pipelines.FINAL or step == pipelines.ACCEPTANCE:
            continue

        def cancel(self, step=step):
            self.cancel_at(step)

        def fail(self, step=step):
            self.fail_at(step)

        setattr(TestRollback, f'test_cancel_at_{step}', cancel)
        setattr(TestRollback, f'test_failure_at_{step}', fail)


_add_tests()
