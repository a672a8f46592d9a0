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

"""A cancellation at each step leaves nothing behind."""

from migrate_service import exceptions
from migrate_service import pipelines
from migrate_service.conductor import leases
from migrate_service.conductor import outcomes
from migrate_service.db.api import migrations as migrations_db
from tests.functional import base


class TestCancel(base.TestCase):
    workers = 2

    def setUp(self):
        super().setUp()
        self.machine = self.add_machine(sizes=(base.MIB, base.MIB))
        self.source_id = self.ready_source()
        self.before = self.inventory_of_clouds()

    def _assert_as_before(self, id):
        row = self.wait_for_status(id, 'cancelled')
        self.assertEqual([], self.left(id))
        self.assertEqual(self.before, self.inventory_of_clouds())
        self.assertIsNone(row.in_use)
        self.assertIsNotNone(row.ended_at)

    def test_cancel_at_each_step(self):
        # The last step is beyond return: it has let go of everything.
        for step in pipelines.COLD[:-1]:
            self.doors = {step: 'hold'}
            id = self.create(self.source_id, self.machine)
            self.wait_for_door(step)
            self.cancel(id)
            self._assert_as_before(id)

    def test_failure_at_each_step_then_cancel(self):
        for step in pipelines.COLD[:-1]:
            self.doors = {step: 'fail'}
            id = self.create(self.source_id, self.machine)
            row = self.wait_for_status(id, 'error')
            self.assertEqual(step, row.step)
            self.cancel(id)
            self._assert_as_before(id)

    def test_cancel_before_a_worker_takes_it(self):
        for name in list(self.service.workers):
            self.service.stop_worker(name)
        id = self.create(self.source_id, self.machine)
        self.cancel(id)
        self.wait_for_status(id, 'cancelling')
        self.service.start_worker('worker-3')
        self._assert_as_before(id)
        self.assertEqual(0, self.clouds.calls()['create_volume'])

    def test_cancel_without_a_trust(self):
        id = self.create_without_trust(self.source_id, self.machine)
        self.cancel(id)
        self.wait_for_status(id, 'cancelled')
        self.assertIsNone(self.migration(id).in_use)

    def test_the_wish_wins_over_a_step_that_ended(self):
        self.clouds.block('check')
        id = self.create(self.source_id, self.machine)
        self.wait_for(lambda: self.clouds.reached('check'))
        self.cancel(id)
        self.clouds.release('check')
        self._assert_as_before(id)
        self.assertEqual(0, self.clouds.calls()['create_volume'])

    def test_a_failed_rollback_goes_on(self):
        self.doors = {'reserve': 'hold'}
        id = self.create(self.source_id, self.machine)
        self.wait_for_door('reserve')
        self.clouds.fail('remove_volume', times=1)
        self.cancel(id)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('fake.fault', row.error['code'])
        self.cancel(id)
        self._assert_as_before(id)

    def test_a_failed_rollback_cannot_be_retried(self):
        self.doors = {'reserve': 'hold'}
        id = self.create(self.source_id, self.machine)
        self.wait_for_door('reserve')
        self.clouds.fail('remove_volume', times=1)
        self.cancel(id)
        self.wait_for_status(id, 'error')
        error = self.assertRaises(base.Refused, self.retry, id)
        self.assertEqual(409, error.status)
        self.cancel(id)
        self._assert_as_before(id)

    def test_a_rollback_that_forgets_something_says_so(self):
        self.doors = {'reserve': 'hold'}
        id = self.create(self.source_id, self.machine)
        self.wait_for_door('reserve')
        forget = self._with_door

        def function_of(work):
            if work.step == 'remove_created':
                return lambda work: None
            return forget(work)

        self.patch(base.worker_manager, 'function_of', function_of)
        self.cancel(id)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('migration.left_behind', row.error['code'])
        for volume in row.result.get('volume_ids', []):
            self.assertIn(volume, row.error['message'])
        self.assertIsNotNone(row.in_use)

    def test_a_wish_between_decision_and_commit_is_not_overlooked(self):
        apply = leases.Leases.apply

        def wish_first(this, context, row, outcome, extra=None, **expected):
            if row.step == 'probe' and row.status == 'running':
                if not self.migration(row.id).cancel_requested_at:
                    self.cancel(row.id)
            apply(this, context, row, outcome, extra, **expected)

        self.patch(leases.Leases, 'apply', wish_first)
        id = self.create(self.source_id, self.machine)
        self._assert_as_before(id)


class TestCancelOfTheUntrusted(base.TestCase):
    workers = 0

    def test_a_trust_that_comes_meanwhile_is_not_forgotten(self):
        source_id = self.create_source()
        id = self.create_without_trust(source_id, self.add_machine())
        seen = self.migration(id)
        migrations_db.trusted(self.context, id, 'trust')
        manager = self.service.conductors[0].manager
        self.assertRaises(
            exceptions.LeaseLost,
            manager.leases.apply,
            self.context,
            seen,
            outcomes.cancelled(seen),
        )
        self.assertEqual('accepted', self.migration(id).status)
