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

"""Any process may end at any time: work goes on at its checkpoint."""

import functools

import oslo_messaging as messaging

from migrate_service import exceptions
from migrate_service import rpc
from migrate_service.conductor import rpcapi
from migrate_service.transfer import copy
from tests.functional import base


class TestTakeover(base.TestCase):
    workers = 2
    conductors = 2
    # Long enough to be silent for, in clocks that the tests set forward.
    options = {('conductor', 'lease_ttl'): 3600}

    def setUp(self):
        super().setUp()
        self.machine = self.add_machine(sizes=(16 * base.MIB,))
        self.source_id = self.ready_source()

    def _other(self, name):
        (other,) = set(self.service.workers) - {name}
        return other

    def _expire(self, *names):
        """Let the leases of silent workers end."""
        self.service.clock.advance(self.conf.conductor.lease_ttl)

    def test_another_worker_goes_on_at_the_checkpoint(self):
        self.patch(
            copy,
            'copy',
            functools.partial(copy.copy, checkpoint_interval=0.2),
        )
        id = self.create(
            self.source_id, self.machine, bandwidth_limit=base.MIB
        )
        half = 4 * base.MIB

        def half_is_stored():
            row = self.migration(id)
            copied = row.checkpoint.get('copied', {}).get('2000', [])
            return row if sum(size for _, size in copied) >= half else None

        row = self.wait_for(half_is_stored, 'half of the copy')
        self.service.silence(row.worker)
        self._expire(row.worker)
        done = self.wait_for_status(id, 'completed')
        self.assert_copied(done, self.machine)
        self.assertIn('taken_over', self.event_names(id))
        takeover = next(
            event for event in self.events(id) if event.event == 'taken_over'
        )
        self.assertEqual(self._other(row.worker), takeover.worker)
        # All of the data is 8 MiB; what was in flight is read twice.
        self.assertLess(done.progress['disks'][0]['read'], 12 * base.MIB)

    def test_a_zombie_hurts_nobody(self):
        self.clouds.block('export')
        id = self.create(self.source_id, self.machine)
        self.wait_for(lambda: self.clouds.reached('export'), 'the export')
        row = self.migration(id)
        zombie = self.service.workers[row.worker].manager
        self.service.silence(row.worker)
        self._expire(row.worker)
        other = self._other(row.worker)
        self.wait_for(
            lambda: self.migration(id).worker == other, 'the take-over'
        )
        self.clouds.release('export')
        done = self.wait_for_status(id, 'completed')
        self.assert_copied(done, self.machine)
        self.assertEqual(1, self.clouds.calls()['create_server'])
        self.wait_for(lambda: not zombie.works(), 'the end of the zombie')

    def test_what_a_former_holder_says_is_refused(self):
        self.doors['reserve'] = 'hold'
        id = self.create(self.source_id, self.machine)
        self.wait_for_door('reserve')
        row = self.migration(id)
        bus = rpc.transport(self.conf)
        self.addCleanup(rpc.close, self.conf, bus)
        conductor = rpcapi.ConductorAPI(bus)
        about = self.service.workers[row.worker].manager.describe()
        entry = {'kind': 'volume', 'key': 'x', 'state': 'intended'}
        stale = {'id': id, 'attempt': row.attempt - 1}
        for call in (
            lambda: conductor.finish(
                self.context,
                worker=about,
                kind='migration',
                event='done',
                checkpoint={},
                **stale,
            ),
            lambda: conductor.record(
                self.context, worker=row.worker, entry=entry, **stale
            ),
            lambda: conductor.log(
                self.context,
                worker=row.worker,
                step='reserve',
                tool='tool',
                text='text',
                **stale,
            ),
            lambda: conductor.manifest(
                self.context, worker=row.worker, disk='2000', **stale
            ),
        ):
            self.assertRaises(exceptions.LeaseLost, call)
        self.assertEqual(row.attempt, self.migration(id).attempt)
        self.assertNotIn(('volume', 'x'), self.left(id))
        self.doors.clear()
        self.wait_for_status(id, 'completed')

    def test_a_worker_fences_itself(self):
        self.doors['reserve'] = 'hold'
        id = self.create(self.source_id, self.machine)
        self.wait_for_door('reserve')
        name = self.migration(id).worker
        manager = self.service.workers[name].manager
        (work,) = manager.works()
        self.service.silence(name)
        ttl = self.conf.conductor.lease_ttl
        interval = self.conf.worker.heartbeat_interval
        # The conductors' clock stands still: nobody took the lease away.
        now = self.service.clock.now
        self.assertGreater(self.migration(id).lease_expires_at, now())
        manager.clock = work._clock = lambda: (
            self.service.clock.monotonic() + ttl - 2 * interval
        )
        self.wait_for(lambda: not manager.works(), 'the fence')
        self.assertGreater(self.migration(id).lease_expires_at, now())

    def test_a_restarted_worker_does_not_wait_for_its_old_leases(self):
        self.doors['reserve'] = 'hold'
        id = self.create(self.source_id, self.machine)
        self.wait_for_door('reserve')
        name = self.migration(id).worker
        self.service.silence(name)
        self.doors.clear()
        zombie = self.service.workers.pop(name)
        self.addCleanup(self.service.abandon, zombie)
        self.service.start_worker(name)
        self.wait_for_status(id, 'completed')
        self.assertIn('released', self.event_names(id))

    def test_an_older_process_of_the_same_name_gets_nothing(self):
        worker = self.service.workers['worker-1'].manager
        bus = rpc.transport(self.conf)
        self.addCleanup(rpc.close, self.conf, bus)
        conductor = rpcapi.ConductorAPI(bus)
        self.doors['reserve'] = 'hold'
        id = self.create(self.source_id, self.machine)
        self.wait_for_door('reserve')
        name = self.migration(id).worker
        older = self.service.workers[name].manager.describe() | {
            'incarnation': '0' * 33
        }
        attempt = self.migration(id).attempt
        report = {
            'kind': 'migration',
            'id': id,
            'attempt': attempt,
            'progress': {},
            'checkpoint': None,
            'manifest': {},
        }
        answer = conductor.heartbeat(self.context, older, [report])
        self.assertEqual(
            [{'kind': 'migration', 'id': id, 'order': 'lost'}],
            answer['leases'],
        )
        self.assertIsNone(conductor.claim(self.context, older))
        self.assertEqual(name, self.migration(id).worker)
        self.doors.clear()
        self.wait_for_status(id, 'completed')
        self.assertGreater(worker.incarnation, older['incarnation'])

    def test_workers_that_die_of_a_step_do_not_try_for_ever(self):
        self.doors['reserve'] = 'hold'
        id = self.create(self.source_id, self.machine)
        for number in range(self.conf.conductor.max_attempts):
            # A claim that was under way when the clock was set forward is a
            # lost one for its worker: that counts as a try, without a door.
            self.wait_for(
                lambda: (
                    self.doors.get('reserve.reached')
                    or self.migration(id).status == 'error'
                ),
                'the door, or the end',
            )
            if self.migration(id).status == 'error':
                break
            name = self.migration(id).worker
            self.service.silence(name)
            self.doors.pop('reserve.reached')
            self.service.start_worker(f'fresh-{number}')
            self._expire(name)
            self.wait_for(
                lambda name=name: self.migration(id).worker != name,
                'the end of the lease',
            )
        row = self.wait_for_status(id, 'error')
        self.assertEqual('migration.workers_lost', row.error['code'])

    def test_a_lease_whose_answer_got_lost_is_given_again(self):
        self.config.set('rpc_response_timeout', 1)
        manager = self.service.workers['worker-1'].manager
        self.service.stop_worker('worker-2')

        def lose(*args, **kwargs):
            claim(*args, **kwargs)
            raise messaging.MessagingTimeout('lost')

        claim = manager.conductor.claim
        manager.conductor.claim = lose
        id = self.create(self.source_id, self.machine)
        self.wait_for(lambda: self.migration(id).worker, 'a claim')
        manager.conductor.claim = claim
        self.wait_for_status(id, 'completed')

    def test_a_conductor_may_end_at_any_time(self):
        self.doors['copy_disks'] = 'hold'
        id = self.create(self.source_id, self.machine)
        self.wait_for_door('copy_disks')
        self.service.stop_conductor()
        self.service.stop_conductor()
        self.doors.clear()
        self.service.start_conductor()
        self.assert_copied(self.wait_for_status(id, 'completed'), self.machine)
