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


"""Warm migrations between fake ends, while the guest writes."""

import datetime

from migrate_service import pipelines
from migrate_service.drivers.fake import snapshots
from tests.functional import base
from tests.functional import guest


class WarmCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.add_machines()
        self.source_id = self.ready_source()

    def start_guest(self, machine, seed=0):
        writer = guest.Guest(self.clouds, machine, seed)
        writer.start()
        self.addCleanup(writer.stop)
        return writer

    def create_warm(self, machine, **options):
        options.setdefault('sync_interval', 3600)
        return self.create(self.source_id, machine, kind='warm', **options)

    def wait_for_rounds(self, id, number):
        """Return the migration when it waits after so many rounds."""

        def has_them():
            row = self.migration(id)
            if row.status == 'error' and not row.retry_requested_at:
                self.fail(f'{row.error}\n{self.story()}')
            made = row.progress.get('rounds') or []
            ready = row.status == 'waiting' and len(made) >= number
            return row if ready else None

        return self.wait_for(has_them, f'{number} rounds of {id}')

    def assert_moved(self, id, machine):
        row = self.wait_for_status(id, 'completed')
        self.assert_copied(row, machine)
        self.assertEqual([], self.clouds.names('snapshots', machine.key))
        left = {kind for kind, _key in self.left(id)}
        self.assertNotIn('snapshot', left)
        return row


class TestWarm(WarmCase):
    workers = 2

    def add_machines(self):
        self.machine = self.add_machine(sizes=(9 * base.MIB, 5 * base.MIB))

    def test_a_machine_that_writes_moves_with_all_its_bytes(self):
        writer = self.start_guest(self.machine)
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        before = writer.writes
        self.sync(id)
        row = self.wait_for_rounds(id, 3)
        self.assertGreater(writer.writes, before)
        self.cut_over(id)
        row = self.assert_moved(id, self.machine)
        methods = [
            set(made['methods'].values()) for made in row.progress['rounds']
        ]
        self.assertEqual([{'full'}, {'changed'}, {'changed'}], methods[:3])
        self.assertEqual(
            {'changed'}, set(row.result['final_copy']['methods'].values())
        )
        self.assertEqual([], row.warnings)
        self.assertIn('delta', row.result['downtime'])

    def test_the_second_round_follows_by_itself(self):
        id = self.create_warm(self.machine)
        row = self.wait_for_rounds(id, 2)
        self.assertIsNotNone(row.not_before)
        self.assertIn('round', self.event_names(id))
        self.assertEqual([], self.clouds.names('snapshots', self.machine.key))

    def test_a_cutover_at_a_time_waits_for_it(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        later = self.service.clock.now() + datetime.timedelta(hours=2)
        self.cut_over(id, later)
        self.sync(id)
        self.wait_for_rounds(id, 3)
        self.service.clock.advance(7201)
        self.assert_moved(id, self.machine)

    def test_rounds_follow_at_the_interval(self):
        id = self.create_warm(self.machine, sync_interval=900)
        row = self.wait_for_rounds(id, 2)
        self.service.clock.advance(901)
        row = self.wait_for_rounds(id, 3)
        self.assertEqual('await_cutover', row.step)

    def test_changes_that_cannot_be_told_are_compared(self):
        self.start_guest(self.machine)
        snapshots.tracking(self.clouds, self.machine.key, broken=True)
        id = self.create_warm(self.machine)
        row = self.wait_for_rounds(id, 2)
        self.assertEqual(
            {'compared'}, set(row.progress['rounds'][1]['methods'].values())
        )
        self.cut_over(id)
        row = self.assert_moved(id, self.machine)
        self.assertIn('could not be asked', row.warnings[0])

    def test_a_reset_of_tracking_costs_one_comparison(self):
        self.start_guest(self.machine)
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        snapshots.reset(self.clouds, self.machine.key)
        for number in (3, 4):
            self.sync(id)
            row = self.wait_for_rounds(id, number)
        methods = [
            set(made['methods'].values()) for made in row.progress['rounds']
        ]
        self.assertEqual([{'compared'}, {'changed'}], methods[2:4])
        self.cut_over(id)
        self.assert_moved(id, self.machine)

    def test_tracking_that_keeps_changes_back_is_found_out(self):
        self.start_guest(self.machine)
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        snapshots.tracking(self.clouds, self.machine.key, forgetful=True)
        self.sync(id)
        row = self.wait_for_rounds(id, 3)
        self.assertIn('missed writes', row.warnings[0])
        self.cut_over(id)
        row = self.assert_moved(id, self.machine)
        self.assertEqual(
            {'compared'}, set(row.result['final_copy']['methods'].values())
        )

    def test_a_foreign_snapshot_is_an_error_that_passes(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        snapshots.create(self.clouds, self.machine, 'backup')
        self.sync(id)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('machine.has_snapshots', row.error['code'])
        self.assertEqual('on', self.power())
        snapshots.remove(self.clouds, self.machine, 'backup')
        self.retry(id)
        self.wait_for_rounds(id, 3)
        self.cut_over(id)
        self.assert_moved(id, self.machine)

    def test_a_foreign_snapshot_at_the_cutover_leaves_the_source_on(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        snapshots.create(self.clouds, self.machine, 'backup')
        self.cut_over(id)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('machine.has_snapshots', row.error['code'])
        self.assertEqual('on', self.power())

    def test_a_disk_that_was_removed_is_an_error_that_passes(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        whole = self.clouds.get('machines', self.machine.key)
        left = whole | {'disks': whole['disks'][:1]}
        self.clouds.put(left, 'machines', self.machine.key)
        self.sync(id)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('machine.disk_removed', row.error['code'])
        self.assertIn('Hard disk 2', row.error['message'])
        self.clouds.put(whole, 'machines', self.machine.key)
        self.retry(id)
        self.wait_for_rounds(id, 3)
        self.cut_over(id)
        self.assert_moved(id, self.machine)

    def test_cancel_at_each_step_leaves_nothing(self):
        before = self.inventory_of_clouds()
        for step in pipelines.WARM[:-1]:
            self.doors = {step: 'hold'}
            id = self.create_warm(self.machine)
            if step in pipelines.WARM[pipelines.WARM.index('stop_source') :]:
                self.wait_for_rounds(id, 2)
                self.cut_over(id)
            self.wait_for_door(step)
            self.cancel(id)
            self.wait_for_status(id, 'cancelled')
            self.assertEqual([], self.left(id))
            self.assertEqual(before, self.inventory_of_clouds())
            state = snapshots.tracking(self.clouds, self.machine.key)
            self.assertFalse(state['enabled'])

    def test_cancel_in_the_middle_of_a_round_removes_the_snapshot(self):
        before = self.inventory_of_clouds()
        self.clouds.block('export')
        id = self.create_warm(self.machine)
        self.wait_for(lambda: self.clouds.reached('export'))
        self.assertNotEqual(
            [], self.clouds.names('snapshots', self.machine.key)
        )
        self.cancel(id)
        self.clouds.release('export')
        self.wait_for_status(id, 'cancelled')
        self.assertEqual([], self.clouds.names('snapshots', self.machine.key))
        self.assertEqual(before, self.inventory_of_clouds())

    def test_the_answer_to_a_snapshot_that_never_came(self):
        self.clouds.fail('created_snapshot', times=2, retryable=True)
        self.start_guest(self.machine)
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        self.cut_over(id)
        self.assert_moved(id, self.machine)

    def power(self):
        return self.clouds.get('machines', self.machine.key)['power_state']
