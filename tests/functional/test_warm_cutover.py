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


"""Cutovers in windows, on their node, and of a source that comes back."""

import datetime

from migrate_service.drivers.fake import source as fake_source
from migrate_service.worker import manager as worker_manager
from tests.functional import base
from tests.functional import test_warm


class CutoverCase(test_warm.WarmCase):
    workers = 2

    def add_machines(self):
        self.machine = self.add_machine(sizes=(2 * base.MIB,))

    def later(self, **delta):
        moment = self.service.clock.now() + datetime.timedelta(**delta)
        return moment.isoformat()

    def ask(self, id, **cutover):
        path = f'/migrations/{id}/cutover'
        self.request('POST', path, {'cutover': cutover})

    def shown(self, id):
        return self.request('GET', f'/migrations/{id}')['migration']


class TestWindow(CutoverCase):
    def test_a_limit_that_is_never_met_is_told_at_the_end(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        told = self.shown(id)['predicted_downtime']
        self.assertEqual(sum(told['parts'].values()), told['total'])
        self.ask(id, max_downtime=1, not_after=self.later(hours=1))
        self.sync(id)
        self.wait_for_rounds(id, 3)
        self.assertNotIn('cutover', self.event_names(id))
        self.service.clock.advance(3601)
        self.wait_for(lambda: 'cutover_missed' in self.event_names(id))
        shown = self.shown(id)
        self.assertIsNone(shown['cutover'])
        self.assertIn('above 1,', shown['warnings'][0])
        self.ask(id, max_downtime=3600, not_after=self.later(hours=1))
        self.assert_moved(id, self.machine)
        took = self.shown(id)['downtime']
        self.assertGreaterEqual(took['total'], took['delta'])

    def test_a_window_that_is_withdrawn_does_not_begin(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        self.ask(id, not_before=self.later(hours=1))
        self.request('DELETE', f'/migrations/{id}/cutover')
        self.assertIsNone(self.shown(id)['cutover'])
        self.service.clock.advance(3601)
        self.wait_for_rounds(id, 3)
        self.assertNotIn('cutover', self.event_names(id))

    def test_what_earlier_cutovers_took_is_expected_of_the_next(self):
        first = self.create_warm(self.machine)
        self.wait_for_rounds(first, 2)
        basis = self.shown(first)['predicted_downtime']['basis']
        self.assertEqual('default', basis['shutdown'])
        self.cut_over(first)
        self.assert_moved(first, self.machine)
        self.clouds.put(
            self.clouds.get('machines', self.machine.key)
            | {'power_state': 'on'},
            'machines',
            self.machine.key,
        )
        second = self.create_warm(self.machine)
        self.wait_for_rounds(second, 2)
        told = self.shown(second)['predicted_downtime']
        self.assertEqual('source', told['basis']['shutdown'])
        self.assertLess(told['parts']['shutdown'], 30)


class TestRestart(CutoverCase):
    def test_a_source_that_is_started_during_the_delta_goes_on_warm(self):
        guest = self.start_guest(self.machine)
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        self.doors['stop_source'] = 'hold'
        self.cut_over(id)
        self.wait_for_door('stop_source')
        guest.stop()
        fake_source.FakeSource(self.clouds).power_on(self.machine.key)
        self.doors.clear()
        row = self.wait_for_status(id, 'error')
        self.assertEqual('machine.restarted', row.error['code'])
        volumes = row.result['volume_ids']
        self.start_guest(self.machine, seed=1)
        self.retry(id)
        row = self.wait_for_rounds(id, 3)
        self.assertEqual('waiting', row.status)
        self.assertIsNone(row.cutover_at)
        methods = set(row.progress['rounds'][2]['methods'].values())
        self.assertEqual({'compared'}, methods)
        self.cut_over(id)
        row = self.assert_moved(id, self.machine)
        self.assertEqual(volumes, row.result['volume_ids'])


class TestHome(CutoverCase):
    """The worker that made the last round gets the next one."""

    options = {('conductor', 'home_patience'): 3600}

    def setUp(self):
        super().setUp()
        self.patch(worker_manager, 'IDLE_LAST', 0.1)
        self.patch(worker_manager, 'IDLE_FIRST', 0.1)

    def test_a_round_goes_home(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        for number in range(3, 7):
            self.sync(id)
            self.wait_for_rounds(id, number)
        homes = {
            event.worker
            for event in self.events(id)
            if event.worker and event.step == 'precopy'
        }
        self.assertEqual({self.migration(id).home}, homes)

    def test_another_takes_it_when_its_home_is_drained(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        home = self.migration(id).home
        self.drain(home)
        self.sync(id)
        self.wait_for_rounds(id, 3)
        self.assertNotEqual(home, self.migration(id).home)

    def test_another_takes_it_when_its_home_is_gone(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        home = self.migration(id).home
        self.service.stop_worker(home)
        self.service.clock.advance(self.conf.conductor.worker_down_after + 1)
        self.sync(id)
        self.wait_for_rounds(id, 3)
        self.assertNotEqual(home, self.migration(id).home)

    def drain(self, name):
        response = self.api.patch(
            f'/v1/workers/{name}',
            json={'worker': {'state': 'draining'}},
            headers=base.HEADERS | {'X-Roles': 'admin'},
        )
        self.assertEqual(200, response.status_code, response.text)


class TestPatience(CutoverCase):
    options = {('worker', 'slots'): 1}

    def test_a_home_that_stays_full_is_not_waited_for_longer(self):
        other = self.add_machine('other')
        self.request('POST', f'/sources/{self.source_id}/refresh')
        self.wait_for(
            lambda: self.source(self.source_id).refresh_requested_at is None
        )
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        home = self.migration(id).home
        spare = next(name for name in self.service.workers if name != home)
        self.request_state(spare, 'disabled')
        self.doors['inspect'] = 'hold'
        busy = self.create_warm(other)
        self.wait_for(lambda: self.migration(busy).worker == home)
        self.request_state(spare, 'enabled')
        self.sync(id)
        self.wait_for(lambda: self.migration(id).status == 'running')
        self.assertIsNone(self.migration(id).worker)
        self.service.clock.advance(self.conf.conductor.home_patience + 1)
        self.wait_for_rounds(id, 3)
        self.assertEqual(spare, self.migration(id).home)

    def request_state(self, name, state):
        response = self.api.patch(
            f'/v1/workers/{name}',
            json={'worker': {'state': state}},
            headers=base.HEADERS | {'X-Roles': 'admin'},
        )
        self.assertEqual(200, response.status_code, response.text)
