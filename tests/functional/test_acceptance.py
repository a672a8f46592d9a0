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

"""Accept a server, or go back to its source, between fake ends."""

from migrate_service import pipelines
from migrate_service.drivers.fake import destination
from migrate_service.drivers.fake import snapshots
from migrate_service.worker.steps import probe
from tests.functional import base
from tests.functional import test_warm

MANUAL = {'acceptance': 'manual'}
PANIC = {'text': 'Kernel panic - not syncing: VFS: no root'}


class AcceptanceCase(test_warm.WarmCase):
    workers = 2

    def setUp(self):
        super().setUp()
        self.patch(probe, 'SETTLE', 0)

    def add_machines(self):
        self.machine = self.add_machine(sizes=(9 * base.MIB, 5 * base.MIB))

    def power(self):
        return self.clouds.get('machines', self.machine.key)['power_state']

    def wait_at(self, id, step):
        """Return the migration once it waits at a step."""

        def waits():
            row = self.migration(id)
            there = row.status == 'waiting' and row.step == step
            return row if there and not row.rollback_requested_at else None

        return self.wait_for(waits, f'a wait at {step}')

    def booted(self, kind='warm', **options):
        """Return a migration whose server runs and has written."""
        id = self.create(
            self.source_id, self.machine, kind=kind, **MANUAL | options
        )
        if kind == 'warm':
            self.wait_for_rounds(id, 2)
            self.cut_over(id)
        row = self.wait_at(id, 'await_acceptance')
        self.scribble(row)
        return id

    def scribble(self, row):
        """Write to all volumes, also behind the disks, as a guest does."""
        cloud = destination.FakeDestination(self.clouds, 'project-a')
        for disk, volume in zip(
            self.machine.disks, row.result['volume_ids'], strict=True
        ):
            with open(cloud.volume_path(volume), 'r+b') as image:
                for offset in (0, disk.size // 2, disk.size + 4096):
                    image.seek(offset)
                    image.write(b'converted')

    def servers(self):
        return self.clouds.names('cloud', 'server')


class TestAccept(AcceptanceCase):
    def test_accept_completes_and_tidies_the_source(self):
        id = self.booted()
        self.assertEqual('off', self.power())
        self.assertIsNotNone(self.migration(id).trust_id)
        self.accept(id)
        row = self.wait_for_status(id, 'completed')
        self.assertIsNotNone(row.accept_at)
        self.assertEqual('off', self.power())
        self.assertEqual(1, len(self.servers()))
        self.assertFalse(
            snapshots.tracking(self.clouds, self.machine.key)['enabled']
        )
        left = {kind for kind, _key in self.left(id)}
        self.assertEqual({'volume', 'port', 'server'}, left)
        self.assertIn('result_accepted', self.event_names(id))
        self.assertIn('delta', row.result['downtime'])

    def test_both_are_refused_afterwards(self):
        id = self.booted('cold')
        self.accept(id)
        self.wait_for_status(id, 'completed')
        for ask in (self.accept, self.roll_back):
            error = self.assertRaises(base.Refused, ask, id)
            self.assertEqual(
                (409, 'migration.already_accepted'), (error.status, error.code)
            )

    def test_a_source_that_is_gone_does_not_hinder(self):
        id = self.booted()
        self.clouds.fail('set_tracking', times=99)
        self.accept(id)
        row = self.wait_for_status(id, 'completed')
        self.assertIn('stays on', row.warnings[-1])

    def test_an_acceptance_that_is_killed_goes_on(self):
        id = self.booted()
        self.doors = {'release_source': 'hold'}
        self.accept(id)
        self.wait_for_door('release_source')
        for ask in (self.cancel, self.roll_back):
            error = self.assertRaises(base.Refused, ask, id)
            self.assertEqual(409, error.status)
        name = self.migration(id).worker
        self.service.silence(name)
        lost = self.service.workers.pop(name)
        self.addCleanup(self.service.abandon, lost)
        self.service.clock.advance(self.conf.conductor.lease_ttl + 1)
        self.doors.clear()
        self.wait_for_status(id, 'completed')


class TestDeadline(AcceptanceCase):
    options = {
        ('conductor', 'acceptance_deadline'): 7200,
        ('conductor', 'acceptance_warning'): 3600,
    }

    def test_it_is_told_and_then_accepted(self):
        id = self.booted('cold')
        self.assertNotIn('acceptance_due', self.event_names(id))
        self.service.clock.advance(3601)
        self.wait_for(lambda: 'acceptance_due' in self.event_names(id))
        self.assertEqual('waiting', self.migration(id).status)
        self.service.clock.advance(3600)
        self.wait_for_status(id, 'completed')
        self.assertEqual(1, self.event_names(id).count('acceptance_due'))


class TestRollBack(AcceptanceCase):
    def test_the_replica_is_kept_and_cut_over_again(self):
        self.start_guest(self.machine)
        id = self.booted()
        rounds = len(self.migration(id).progress['rounds'])
        self.roll_back(id)
        row = self.wait_at(id, 'await_cutover')
        self.assertEqual('on', self.power())
        self.assertEqual([], self.servers())
        self.assertEqual(1, self.clouds.calls()['stop_server'])
        self.assertIsNone(row.cutover_at)
        self.assertIsNone(row.result['server_id'])
        self.start_guest(self.machine, seed=1)
        row = self.wait_for_rounds(id, rounds + 1)
        self.assertEqual(
            {'changed'}, set(row.progress['rounds'][-1]['methods'].values())
        )
        self.cut_over(id)
        row = self.wait_at(id, 'await_acceptance')
        self.assert_copied(row, self.machine)
        self.accept(id)
        self.assert_moved(id, self.machine)
        self.assertEqual(1, len(self.servers()))

    def test_a_server_whose_answer_is_lost_is_found_again(self):
        """The id of the first server must not stand for the second one."""
        id = self.booted()
        self.roll_back(id)
        self.wait_at(id, 'await_cutover')
        self.clouds.fail('create_server', times=1)
        self.cut_over(id)
        self.wait_for_status(id, 'error')
        self.assertEqual(1, len(self.servers()))
        self.cancel(id)
        self.wait_for_status(id, 'cancelled')
        self.assertEqual([], self.servers())

    def test_discard_removes_everything(self):
        before = self.inventory_of_clouds()
        for kind in ('cold', 'warm'):
            id = self.booted(kind)
            self.roll_back(id, replica='discard')
            self.wait_for_status(id, 'cancelled')
            self.assertEqual([], self.left(id))
            self.assertEqual(before, self.inventory_of_clouds())

    def test_cold_keeps_the_volumes_if_so_asked(self):
        id = self.booted('cold')
        kept = self.migration(id).result['volume_ids']
        self.clouds.fail('remove_port', times=1)
        self.roll_back(id, replica='keep')
        self.wait_for_status(id, 'error')
        self.cancel(id)
        row = self.wait_for_status(id, 'cancelled')
        self.assertEqual('on', self.power())
        self.assertEqual(kept, row.result['kept_volume_ids'])
        self.assertEqual(sorted(kept), self.clouds.names('cloud', 'volume'))
        self.assertEqual([], self.left(id))

    def test_in_error_after_the_cutover(self):
        for step in ('final_copy', 'convert', 'create_server', 'probe'):
            id = self.create_warm(self.machine, **MANUAL)
            self.wait_for_rounds(id, 2)
            self.doors = {step: 'fail'}
            self.cut_over(id)
            self.wait_for_status(id, 'error')
            self.doors.clear()
            self.roll_back(id)
            self.wait_at(id, 'await_cutover')
            self.assertEqual('on', self.power())
            self.cut_over(id)
            row = self.wait_at(id, 'await_acceptance')
            self.assert_copied(row, self.machine)
            self.cancel(id)
            self.wait_for_status(id, 'cancelled')

    def test_while_a_step_runs(self):
        id = self.create_warm(self.machine, **MANUAL)
        self.wait_for_rounds(id, 2)
        self.doors = {'create_server': 'hold'}
        self.cut_over(id)
        self.wait_for_door('create_server')
        self.roll_back(id)
        self.wait_at(id, 'await_cutover')
        self.assertEqual(('on', []), (self.power(), self.servers()))

    def test_failure_and_cancel_at_each_step_of_the_return(self):
        before = self.inventory_of_clouds()
        for step in pipelines.RETURN:
            id = self.booted()
            self.doors = {step: 'fail'}
            self.roll_back(id)
            row = self.wait_for_status(id, 'error')
            self.assertEqual(step, row.step)
            self.doors = {step: 'hold'}
            self.retry(id)
            self.wait_for_door(step)
            self.cancel(id)
            self.wait_for_status(id, 'cancelled')
            self.doors.clear()
            self.assertEqual([], self.left(id))
            self.assertEqual(before, self.inventory_of_clouds())

    def test_a_kill_at_each_step_of_the_return(self):
        self.start_guest(self.machine)
        for step in pipelines.RETURN:
            id = self.booted()
            self.doors = {step: 'hold'}
            self.roll_back(id)
            self.wait_for_door(step)
            name = self.migration(id).worker
            self.service.silence(name)
            lost = self.service.workers.pop(name)
            self.addCleanup(self.service.abandon, lost)
            self.service.clock.advance(self.conf.conductor.lease_ttl + 1)
            self.service.start_worker(f'{name}+')
            self.doors.clear()
            self.wait_at(id, 'await_cutover')
            self.cut_over(id)
            row = self.wait_at(id, 'await_acceptance')
            self.assert_copied(row, self.machine)
            self.cancel(id)
            self.wait_for_status(id, 'cancelled')

    def test_too_early(self):
        id = self.create_warm(self.machine, **MANUAL)
        self.wait_for_rounds(id, 2)
        for ask, code in (
            (self.roll_back, 'migration.nothing_to_roll_back'),
            (self.accept, 'migration.result_not_ready'),
        ):
            error = self.assertRaises(base.Refused, ask, id)
            self.assertEqual((409, code), (error.status, error.code))


class TestAutomatic(AcceptanceCase):
    def panics(self):
        self.clouds.put(PANIC, 'consoles', self.machine.name)

    def test_a_failing_probe_brings_a_warm_source_back(self):
        self.panics()
        self.start_guest(self.machine)
        id = self.create_warm(self.machine, **MANUAL)
        self.wait_for_rounds(id, 2)
        self.cut_over(id)
        self.wait_for(lambda: 'rolled_back' in self.event_names(id))
        row = self.wait_at(id, 'await_cutover')
        self.assertEqual(('on', []), (self.power(), self.servers()))
        self.assertEqual('probe.panic', row.result['failed_probe']['code'])
        self.assertIn(PANIC['text'], row.result['failed_probe']['console'])
        self.assertEqual(0, self.clouds.calls()['stop_server'])
        self.clouds.drop('consoles', self.machine.name)
        self.cut_over(id)
        row = self.wait_at(id, 'await_acceptance')
        self.assert_copied(row, self.machine)

    def test_a_cold_one_is_stopped_and_copied_again_by_a_retry(self):
        self.panics()
        id = self.create(self.source_id, self.machine, **MANUAL)
        row = self.wait_for_status(id, 'error')
        self.assertEqual(
            ('probe.panic', 'stop_source'), (row.error['code'], row.step)
        )
        self.assertEqual(('on', []), (self.power(), self.servers()))
        for disk in self.machine.disks:
            snapshots.write(self.clouds, self.machine, disk, 99, b'more')
        self.clouds.drop('consoles', self.machine.name)
        self.retry(id)
        row = self.wait_at(id, 'await_acceptance')
        self.assert_copied(row, self.machine)
        self.assertEqual('off', self.power())

    def test_not_if_the_user_does_not_want_it(self):
        self.panics()
        id = self.create(
            self.source_id, self.machine, auto_rollback=False, **MANUAL
        )
        row = self.wait_for_status(id, 'error')
        self.assertEqual(('probe', 'off'), (row.step, self.power()))
        self.assertEqual(1, len(self.servers()))

    def test_not_for_a_fault_that_says_nothing_of_the_server(self):
        self.clouds.fail('console', times=99, retryable=True)
        id = self.create(self.source_id, self.machine, **MANUAL)
        row = self.wait_for_status(id, 'error')
        self.assertEqual(('probe', 'off'), (row.step, self.power()))
