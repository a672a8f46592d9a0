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

"""Workers that are disabled, drained or stopped in good order."""

from migrate_service.db.api import workers as workers_db
from tests.functional import base


class TestDrain(base.TestCase):
    workers = 2

    def setUp(self):
        super().setUp()
        self.machine = self.add_machine(sizes=(base.MIB,))
        self.other = self.add_machine('other', sizes=(base.MIB,))
        self.source_id = self.ready_source()
        self.doors['reserve'] = 'hold'
        self.moving = self.create(self.source_id, self.machine)
        self.wait_for_door('reserve')
        self.first = self.migration(self.moving).worker
        (self.second,) = set(self.service.workers) - {self.first}

    def _set(self, name, state):
        workers_db.change(self.context, name, {'state': state})

    def test_a_draining_worker_gives_back_what_it_has(self):
        self._set(self.first, 'draining')
        self.wait_for(
            lambda: self.migration(self.moving).worker == self.second,
            'the other worker',
        )
        self.assertIn('released', self.event_names(self.moving))
        self.doors.clear()
        self.assert_copied(
            self.wait_for_status(self.moving, 'completed'), self.machine
        )

    def test_a_disabled_worker_ends_what_it_has_and_takes_nothing(self):
        for name in (self.first, self.second):
            self._set(name, 'disabled')
        other = self.create(self.source_id, self.other)
        self.doors.clear()
        self.wait_for_status(self.moving, 'completed')
        self.assertEqual(
            {self.first},
            {event.worker for event in self.events(self.moving)} - {None},
        )
        self.assertEqual('accepted', self.migration(other).status)
        self._set(self.second, 'enabled')
        self.wait_for_status(other, 'completed')

    def test_a_stopped_worker_gives_back_what_it_has(self):
        self.service.stop_worker(self.first)
        self.assertIn('released', self.event_names(self.moving))
        self.wait_for(
            lambda: self.migration(self.moving).worker == self.second,
            'the other worker',
        )
        self.assertEqual(1, self.migration(self.moving).step_attempts)
        self.doors.clear()
        self.wait_for_status(self.moving, 'completed')

    def test_workers_tell_of_themselves(self):
        row = workers_db.get(self.context, self.first)
        self.assertEqual(4, row.slots)
        self.assertEqual(['file', 'https', 'nfc'], row.transports)
        self.wait_for(
            lambda: workers_db.get(self.context, self.first).used == 1,
            'a used slot',
        )
