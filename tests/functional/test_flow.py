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

"""Whole migrations, undisturbed and with failures that pass."""

from migrate_service import pipelines
from migrate_service.db.api import logs as logs_db
from migrate_service.db.api import machines as machines_db
from migrate_service.db.api import paging
from migrate_service.drivers.fake import source
from tests.functional import base


class TestFlow(base.TestCase):
    workers = 2

    def setUp(self):
        super().setUp()
        self.machine = self.add_machine(sizes=(3 * base.MIB, base.MIB + 512))
        self.other = self.add_machine('other')
        self.source_id = self.ready_source()

    def test_a_machine_moves_with_all_its_bytes(self):
        id = self.create(self.source_id, self.machine)
        row = self.wait_for_status(id, 'completed')
        self.assert_copied(row, self.machine)
        self.assertEqual(100, row.progress['percent'])
        self.assertIsNone(row.in_use)
        self.assertIsNone(row.worker)
        self.assertLessEqual(row.started_at, row.ended_at)
        server = self.clouds.get('cloud', 'server', row.result['server_id'])
        self.assertEqual('ACTIVE', server['status'])
        self.assertEqual(row.result['volume_ids'], server['volume_ids'])
        clouds = self.inventory_of_clouds()
        self.assertEqual('off', clouds['power'][self.machine.key])
        self.assertEqual([], clouds['workdirs'])
        self.assertNotIn(('trust', 'trust'), self.left(id))

    def test_each_step_is_an_event(self):
        id = self.create(self.source_id, self.machine)
        self.wait_for_status(id, 'completed')
        events = self.events(id)
        self.assertEqual(
            ['created', 'started']
            + ['step'] * (len(pipelines.COLD) - 1)
            + ['completed'],
            [event.event for event in events],
        )
        self.assertEqual(
            [*pipelines.COLD, None], [event.step for event in events[1:]]
        )
        attempts = [event.attempt for event in events]
        self.assertEqual(sorted(attempts), attempts)

    def test_the_logs_of_tools_are_kept(self):
        def write(work):
            with open(work.log('tool'), 'a') as log:
                log.write(f'{work.step} of {work.name}\nno end of line')

        self.patch(base.worker_manager, 'function_of', lambda work: write)
        id = self.create(self.source_id, self.machine)
        self.wait_for(lambda: self.migration(id).ended_at, 'the end')
        pieces = logs_db.page(
            self.context, id, {'step': 'verify'}, paging.Page(sort_key='id')
        )
        self.assertEqual(
            'verify of web\nno end of line',
            ''.join(piece.text for piece in pieces),
        )

    def test_a_machine_moves_once_at_a_time(self):
        self.doors['inspect'] = 'hold'
        first = self.create(self.source_id, self.machine)
        error = self.assertRaises(
            base.Refused, self.create, self.source_id, self.machine
        )
        self.assertEqual(409, error.status)
        self.assertIn(first, str(error))
        self.doors.clear()
        self.wait_for_status(first, 'completed')
        second = self.create(self.source_id, self.machine)
        self.wait_for_status(second, 'completed')

    def test_no_server_beside_a_machine_that_was_started(self):
        """It wrote since, and has the same names and addresses."""
        self.doors['convert'] = 'hold'
        id = self.create(self.source_id, self.machine)
        self.wait_for_door('convert')
        source.FakeSource(self.clouds).power_on(self.machine.key)
        self.doors.clear()
        row = self.wait_for_status(id, 'error')
        self.assertEqual('machine.restarted', row.error['code'])
        self.assertNotIn('create_server', self.clouds.calls())

    def test_a_retry_does_not_copy_again(self):
        self.doors['create_server'] = 'fail'
        id = self.create(self.source_id, self.machine)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('test.door', row.error['code'])
        self.assertEqual('create_server', row.step)
        exports = self.clouds.calls()['export']
        self.doors.clear()
        self.retry(id)
        row = self.wait_for_status(id, 'completed')
        self.assertEqual(exports, self.clouds.calls()['export'])
        self.assertEqual(1, self.clouds.calls()['create_server'])
        self.assertIsNone(row.error)
        self.assert_copied(row, self.machine)

    def test_a_fault_that_passes_is_tried_again(self):
        self.clouds.fail('attach_volume', times=2, retryable=True)
        id = self.create(self.source_id, self.machine)
        row = self.wait_for_status(id, 'completed')
        self.assertEqual(2, self.event_names(id).count('retried'))
        self.assert_copied(row, self.machine)

    def test_a_fault_that_stays_ends_in_error(self):
        self.clouds.fail('attach_volume', times=99, retryable=True)
        id = self.create(self.source_id, self.machine)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('fake.retryable_fault', row.error['code'])
        self.assertEqual(
            self.conf.conductor.max_attempts - 1,
            self.event_names(id).count('retried'),
        )

    def test_without_a_trust_nothing_starts(self):
        id = self.create_without_trust(self.source_id, self.machine)
        self.wait_for_status(
            self.create(self.source_id, self.other), 'completed'
        )
        self.assertEqual('accepted', self.migration(id).status)
        self.service.clock.advance(601)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('migration.trust_missing', row.error['code'])


class TestOneAtATime(base.TestCase):
    options = {('conductor', 'max_migrations_per_source'): 1}

    def test_a_source_is_not_flooded(self):
        machines = [self.add_machine(name) for name in ('a', 'b', 'c')]
        source_id, other_id = self.ready_source(), self.ready_source()
        self.doors['inspect'] = 'hold'
        first = self.create(source_id, machines[0])
        self.wait_for_door('inspect')
        second = self.create(source_id, machines[1])
        other = self.create(other_id, machines[2])
        self.wait_for_status(other, 'running')
        self.assertEqual('accepted', self.migration(second).status)
        self.doors.clear()
        for id in (first, second, other):
            self.wait_for_status(id, 'completed')
        self.assertLessEqual(
            self.migration(first).ended_at, self.migration(second).started_at
        )


class TestOneOfAProject(base.TestCase):
    options = {('conductor', 'max_migrations_per_project'): 1}

    def test_a_project_has_no_more_than_may(self):
        machines = [self.add_machine(name) for name in ('a', 'b')]
        source_id, other_id = self.ready_source(), self.ready_source()
        self.doors['inspect'] = 'hold'
        first = self.create(source_id, machines[0])
        self.wait_for_door('inspect')
        second = self.create(other_id, machines[1])
        self.doors.clear()
        for id in (first, second):
            self.wait_for_status(id, 'completed')
        self.assertLessEqual(
            self.migration(first).ended_at, self.migration(second).started_at
        )


class TestSources(base.TestCase):
    def test_a_wrong_password_is_told(self):
        id = self.create_source(password='wrong')
        self.wait_for(lambda: self.source(id).status == 'error', 'an error')
        self.assertEqual('source.login_refused', self.source(id).error['code'])

    def test_an_unreachable_source_is_told_at_once(self):
        id = self.create_source(address='unreachable.test')
        self.wait_for(lambda: self.source(id).status == 'error', 'an error')
        self.assertEqual('source.unreachable', self.source(id).error['code'])

    def test_a_refresh_follows_the_source(self):
        self.add_machine('stays')
        self.add_machine('goes')
        id = self.ready_source()
        self.assertEqual(['goes', 'stays'], self._machines(id))
        self.clouds.drop('machines', 'vm-goes')
        self.add_machine('comes')
        self.service.clock.advance(self.conf.conductor.inventory_interval)
        self.wait_for(
            lambda: self._machines(id) == ['comes', 'stays'], 'a refresh'
        )
        self.assertIsNone(self.source(id).refresh_requested_at)

    def test_a_source_that_worked_gets_more_tries(self):
        id = self.ready_source()
        self.clouds.fail('product', times=2, retryable=True)
        before = self.source(id).inventory_at
        self.service.clock.advance(self.conf.conductor.inventory_interval)
        self.wait_for(
            lambda: self.source(id).inventory_at > before, 'a refresh'
        )
        self.assertEqual('ready', self.source(id).status)

    def _machines(self, id):
        page = paging.Page(sort_key='name')
        return [
            row.name for row in machines_db.page(self.context, id, {}, page)
        ]
