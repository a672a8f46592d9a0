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

"""Rehearsals between fake ends: what they prove, and what they leave."""

from migrate_service import pipelines
from migrate_service.db.api import paging
from migrate_service.db.api import rehearsals as rehearsals_db
from migrate_service.drivers.fake import destination
from migrate_service.worker.steps import pretend
from tests.functional import base
from tests.functional import test_warm

#: Before the last one: a failure of these is one of the rehearsal alone.
STEPS = pipelines.REHEARSE[:-1]


class RehearsalCase(test_warm.WarmCase):
    workers = 2

    def add_machines(self):
        self.machine = self.add_machine(sizes=(2 * base.MIB, base.MIB))

    def waiting(self, **options):
        """Return the id of a migration that waits for its cutover."""
        id = self.create_warm(self.machine, **options)
        self.wait_for_rounds(id, 2)
        return id

    def rehearse(self, id, **values):
        """Ask for a rehearsal and return its id."""
        answer = self.request(
            'POST', f'/migrations/{id}/rehearse', {'rehearsal': values}
        )
        return answer['rehearsal']['id']

    def rehearsal(self, id):
        page = paging.Page(sort_key='created_at')
        return rehearsals_db.page(self.context, id, page)[-1]

    def wait_for_end(self, id):
        """Return the last rehearsal when the migration waits again."""
        self.wait_for(lambda: self.rehearsal(id).status != 'requested')
        self.wait_for_status(id, 'waiting')
        return self.rehearsal(id)

    def replica(self, id):
        """Return the bytes of the volumes of the migration."""
        return self.contents(self.migration(id).result['volume_ids'])

    def contents(self, volumes):
        """Return what disks of the machine hold in volumes."""
        ends = destination.FakeDestination(self.clouds, 'project-a')
        found = []
        for volume, disk in zip(volumes, self.machine.disks, strict=True):
            with open(ends.volume_path(volume), 'rb') as image:
                found.append(image.read(disk.size))
        return found


class TestRehearsal(RehearsalCase):
    def test_a_rehearsal_leaves_nothing_but_evidence(self):
        self.start_guest(self.machine)
        id = self.waiting(name='web')
        before, bytes_before = self.inventory_of_clouds(), self.replica(id)
        due = self.migration(id).not_before
        self.rehearse(id)
        found = self.wait_for_end(id)
        self.assertEqual(('ended', 'passed'), (found.status, found.verdict))
        self.assertIn('web-rehearsal login:', found.console)
        self.assertIn('login', found.result['probes']['console'])
        self.assertEqual(set(pipelines.REHEARSE), set(found.timings))
        self.assertEqual(before, self.inventory_of_clouds())
        self.assertEqual(bytes_before, self.replica(id))
        row = self.migration(id)
        self.assertEqual(due, row.not_before)
        self.assertEqual('passed', row.rehearsal['verdict'])
        self.assertNotIn('rehearsal', row.checkpoint)
        self.sync(id)
        self.wait_for_rounds(id, 3)
        self.cut_over(id)
        row = self.assert_moved(id, self.machine)
        self.assertEqual(
            {'changed'}, set(row.result['final_copy']['methods'].values())
        )

    def test_the_guest_boots_from_converted_clones(self):
        id = self.waiting()
        self.doors = {'create_isolated_server': 'hold'}
        self.rehearse(id)
        self.wait_for_door('create_isolated_server')
        state = self.migration(id).checkpoint['rehearsal']
        (server,) = self.clouds.names('cloud', 'server')
        server = self.clouds.get('cloud', 'server', server)
        clones = [volume['id'] for volume in state['volumes'].values()]
        self.assertEqual(clones, server['volume_ids'])
        mark = pretend.MARK
        for clone, replica in zip(
            self.contents(clones), self.replica(id), strict=True
        ):
            self.assertEqual(mark, clone[: len(mark)])
            self.assertEqual(replica[len(mark) :], clone[len(mark) :])
        port = self.clouds.get('cloud', 'port', server['port_ids'][0])
        planned = self.migration(id).checkpoint['ports'].values()
        self.assertEqual([port['mac']], [one['mac'] for one in planned])
        self.assertNotIn(port['id'], [one['id'] for one in planned])
        self.assertNotEqual(base.NETWORK, port['network_id'])
        self.doors.clear()
        self.assertEqual('passed', self.wait_for_end(id).verdict)

    def test_a_failure_at_each_step_is_cleaned(self):
        id = self.waiting()
        before = self.inventory_of_clouds()
        for step in STEPS:
            self.doors = {step: 'fail'}
            self.rehearse(id)
            found = self.wait_for_end(id)
            self.assertEqual(
                ('ended', 'failed'), (found.status, found.verdict)
            )
            self.assertEqual('test.door', found.error['code'])
            self.assertEqual(before, self.inventory_of_clouds(), step)
            self.assertIsNone(self.migration(id).error)
        self.doors = {}
        self.cut_over(id)
        self.assert_moved(id, self.machine)

    def test_what_a_failed_probe_saw_is_kept(self):
        id = self.waiting()
        self.doors = {'probe_isolated': 'fail'}
        self.rehearse(id)
        found = self.wait_for_end(id)
        self.assertIn('login:', found.console)
        self.assertIn('rehearsal_failed', self.event_names(id))

    def test_a_cancellation_at_each_step_leaves_nothing(self):
        before = self.inventory_of_clouds()
        for step in pipelines.REHEARSE:
            id = self.waiting()
            self.doors = {step: 'hold'}
            self.rehearse(id)
            self.wait_for_door(step)
            self.cancel(id)
            self.wait_for_status(id, 'cancelled')
            self.assertEqual([], self.left(id), step)
            self.assertEqual(before, self.inventory_of_clouds())
            self.assertEqual('cancelled', self.rehearsal(id).status)
            self.doors = {}

    def test_a_kill_at_each_step_is_taken_over(self):
        id = self.waiting()
        before = self.inventory_of_clouds()
        for step in pipelines.REHEARSE:
            self.doors = {step: 'hold'}
            self.rehearse(id)
            self.wait_for_door(step)
            self.kill(self.migration(id).worker)
            self.doors = {}
            found = self.wait_for_end(id)
            self.assertEqual(
                ('ended', 'passed'), (found.status, found.verdict)
            )
            after = self.inventory_of_clouds()
            self.assertEqual(before['cloud'], after['cloud'], step)
            self.assertEqual(before['volumes'], after['volumes'], step)
        self.assertEqual(
            len(pipelines.REHEARSE), self.event_names(id).count('taken_over')
        )

    def kill(self, name):
        """Silence a worker as a crash does, and let its leases expire."""
        self.service.silence(name)
        lost = self.service.workers.pop(name)
        self.addCleanup(self.service.abandon, lost)
        self.service.clock.advance(self.conf.conductor.lease_ttl + 61)
        self.service.start_worker(f'{name}+')

    def test_a_removal_that_fails_says_so_and_goes_on(self):
        id = self.waiting()
        before = self.inventory_of_clouds()
        self.clouds.fail('remove_volume', times=1)
        self.rehearse(id)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('fake.fault', row.error['code'])
        self.assertEqual('remove_rehearsal', row.step)
        self.retry(id)
        found = self.wait_for_end(id)
        self.assertEqual(('ended', 'passed'), (found.status, found.verdict))
        self.assertEqual(before, self.inventory_of_clouds())
        self.cut_over(id)
        self.assert_moved(id, self.machine)

    def test_what_passes_by_itself_fails_nothing(self):
        self.config.set('retry_delay', 0, 'conductor')
        id = self.waiting()
        for method in ('ensure_network', 'create_volume', 'ensure_server'):
            self.clouds.fail(method, times=1, retryable=True)
        self.rehearse(id)
        self.assertEqual('passed', self.wait_for_end(id).verdict)

    def test_a_network_that_the_project_does_not_see(self):
        id = self.waiting()
        before = self.inventory_of_clouds()
        self.rehearse(id, network_id=destination.INVISIBLE)
        found = self.wait_for_end(id)
        self.assertEqual('failed', found.verdict)
        self.assertEqual('target.network_not_found', found.error['code'])
        self.assertEqual(before, self.inventory_of_clouds())
        self.assertEqual(2, len(self.migration(id).progress['rounds']))

    def test_a_probe_that_the_node_cannot_make(self):
        id = self.waiting()
        self.rehearse(id, probe={'ping': True})
        found = self.wait_for_end(id)
        self.assertEqual('probe.unsupported', found.error['code'])
        self.assertEqual(0, self.clouds.calls()['ensure_network'])


class TestIntents(RehearsalCase):
    def held(self, step='clone_volumes'):
        """Return a migration that is held in its rehearsal."""
        id = self.waiting(sync_interval=900)
        self.doors = {step: 'hold'}
        self.rehearse(id)
        self.wait_for_door(step)
        return id

    def test_a_cutover_follows_the_rehearsal(self):
        id = self.held()
        self.cut_over(id)
        self.assertEqual('clone_volumes', self.migration(id).step)
        self.doors.clear()
        self.assert_moved(id, self.machine)
        self.assertEqual('passed', self.rehearsal(id).verdict)

    def test_a_round_follows_the_rehearsal(self):
        id = self.held()
        self.sync(id)
        self.doors.clear()
        self.wait_for_rounds(id, 3)
        self.assertEqual('passed', self.rehearsal(id).verdict)

    def test_a_round_that_comes_due_waits(self):
        id = self.held()
        self.service.clock.advance(1000)
        self.doors.clear()
        self.wait_for_rounds(id, 3)
        self.assertEqual('ended', self.rehearsal(id).status)

    def test_a_rehearsal_follows_the_round(self):
        id = self.waiting()
        self.doors = {'precopy': 'hold'}
        self.sync(id)
        self.wait_for_door('precopy')
        self.rehearse(id)
        self.doors.clear()
        self.assertEqual('passed', self.wait_for_end(id).verdict)
        self.assertEqual(3, len(self.migration(id).progress['rounds']))

    def test_one_at_a_time(self):
        id = self.held()
        error = self.assertRaises(base.Refused, self.rehearse, id)
        self.assertEqual('migration.rehearsal_underway', error.code)
        self.doors.clear()
        self.wait_for_end(id)
        self.rehearse(id)
        self.assertEqual('passed', self.wait_for_end(id).verdict)

    def test_a_cutover_that_demands_a_rehearsal(self):
        id = self.waiting(require_rehearsal=True)
        error = self.assertRaises(base.Refused, self.cut_over, id)
        self.assertEqual(
            (409, 'migration.rehearsal_required'), (error.status, error.code)
        )
        self.doors = {'probe_isolated': 'fail'}
        self.rehearse(id)
        self.wait_for_end(id)
        self.assertRaises(base.Refused, self.cut_over, id)
        self.doors = {}
        self.rehearse(id)
        self.wait_for_end(id)
        self.cut_over(id)
        self.assert_moved(id, self.machine)
