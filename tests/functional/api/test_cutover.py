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


"""Rounds and the cutover of warm migrations: what is refused and written."""

import datetime

from migrate_service.db import models
from migrate_service.db.api import cutovers as cutovers_db
from migrate_service.db.api import leases
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import orders as orders_db
from tests.functional.api import base

ROUND = {
    'number': 1,
    'methods': {'2000': 'full'},
    'bytes': 1024,
    'seconds': 1.5,
    'rate': 682,
    'dirty_rate': None,
    'downtime': None,
    'ended_at': '2026-01-01T00:00:00.000Z',
}
WAITING = {
    'status': 'waiting',
    'step': 'await_cutover',
    'progress': {'rounds': [ROUND]},
}


class Case(base.TestCase):
    def setUp(self):
        super().setUp()
        self.source_id = self.api.ready_source()

    def created(self, kind='warm', **values):
        response = self.api.create_migration(self.source_id, kind=kind)
        self.assertEqual(202, response.status_code, response.text)
        id = response.json['migration']['id']
        leases.update(self.context, models.Migration, id, WAITING | values)
        self.last = id
        return id

    def cut_over(self, id, **values):
        return self.api.request(
            'POST',
            f'/v1/migrations/{id}/cutover',
            'member',
            json={'cutover': values},
        )

    def sync(self, id):
        path = f'/v1/migrations/{id}/sync'
        return self.api.request('POST', path, 'member')

    def row(self, id):
        return migrations_db.get(self.context, id)

    def intended(self, at):
        return [row.id for row in orders_db.intended(self.context, at)]


class TestCutover(Case):
    def test_now(self):
        id = self.created()
        self.assertEqual([], self.intended(models.now()))
        response = self.cut_over(id)
        self.assertEqual(202, response.status_code, response.text)
        self.assertIsNotNone(response.json['migration']['cutover_at'])
        self.assertEqual([id], self.intended(models.now()))

    def test_at_a_time_with_a_zone(self):
        id = self.created()
        at = models.now().replace(microsecond=0) + datetime.timedelta(hours=2)
        zone = datetime.timezone(datetime.timedelta(hours=1))
        text = at.replace(tzinfo=datetime.UTC).astimezone(zone).isoformat()
        response = self.cut_over(id, at=text)
        self.assertEqual(202, response.status_code, response.text)
        self.assertEqual(at, self.row(id).cutover_at)
        self.assertEqual([], self.intended(models.now()))
        self.assertEqual([id], self.intended(at))

    def test_a_time_that_has_passed(self):
        id = self.created()
        response = self.cut_over(id, at='2020-01-01T00:00:00Z')
        self.assert_error(response, 400, 'migration.cutover_in_past')
        self.assertIsNone(self.row(id).cutover_at)

    def test_a_window_with_a_limit(self):
        id = self.created()
        response = self.cut_over(
            id,
            not_before='2100-01-01T00:00:00Z',
            not_after='2100-01-01T04:00:00Z',
            max_downtime=90,
        )
        self.assertEqual(202, response.status_code, response.text)
        self.assertEqual(
            {
                'not_before': '2100-01-01T00:00:00.000Z',
                'not_after': '2100-01-01T04:00:00.000Z',
                'max_downtime': 90,
            },
            response.json['migration']['cutover'],
        )
        soon = datetime.datetime(2100, 1, 1)
        self.assertEqual([], self.intended(soon))
        (row,) = cutovers_db.in_window(self.context, soon)
        self.assertEqual(id, row.id)

    def test_another_request_replaces_all_of_the_window(self):
        id = self.created()
        self.cut_over(id, not_after='2100-01-01T04:00:00Z', max_downtime=9)
        shown = self.cut_over(id).json['migration']['cutover']
        self.assertIsNone(shown['not_after'])
        self.assertIsNone(shown['max_downtime'])
        self.assertEqual([id], self.intended(models.now()))

    def test_withdrawn(self):
        id = self.created()
        self.cut_over(id, max_downtime=9)
        path = f'/v1/migrations/{id}/cutover'
        response = self.api.request('DELETE', path, 'member')
        self.assertEqual(202, response.status_code, response.text)
        self.assertIsNone(response.json['migration']['cutover'])
        self.assertEqual([], cutovers_db.in_window(self.context, models.now()))

    def test_a_cutover_that_has_begun_is_not_withdrawn(self):
        id = self.created(status='running', step='final_copy')
        path = f'/v1/migrations/{id}/cutover'
        response = self.api.request('DELETE', path, 'member')
        self.assert_error(response, 409, 'migration.invalid_transition')

    def test_a_window_in_the_past(self):
        response = self.cut_over(
            self.created(), not_after='2020-01-01T00:00:00Z'
        )
        self.assert_error(
            response, 400, 'migration.cutover_in_past', 'not_after'
        )

    def test_a_window_that_ends_before_it_begins(self):
        response = self.cut_over(
            self.created(),
            not_before='2100-01-02T00:00:00Z',
            not_after='2100-01-01T00:00:00Z',
        )
        self.assert_error(response, 400, 'migration.cutover_window_empty')

    def test_a_time_and_a_window(self):
        response = self.cut_over(
            self.created(),
            at='2100-01-02T00:00:00Z',
            not_after='2100-01-03T00:00:00Z',
        )
        self.assert_error(response, 400, 'migration.bad_request', 'at:')

    def test_a_limit_that_is_none(self):
        for limit in (-1, 0, 86401, 'short'):
            response = self.cut_over(self.created(), max_downtime=limit)
            self.assertEqual(400, response.status_code)
            self.assertIn('max_downtime', response.json['message'])
            leases.update(
                self.context, models.Migration, self.last, {'in_use': None}
            )

    def test_a_guest_that_cannot_be_converted_is_not_stopped(self):
        error = {
            'code': 'conversion.guest_hibernated',
            'message': 'Windows is hibernated.',
            'remedy': 'Shut it down.',
        }
        progress = {'rounds': [ROUND], 'conversion': {'error': error}}
        id = self.created(progress=progress)
        response = self.cut_over(id)
        self.assert_error(
            response, 409, 'migration.cutover_hopeless', 'hibernated'
        )

    def test_an_independent_disk_is_moved_cold(self):
        machine = base.machine(disk={'mode': 'independent_persistent'})
        self.source_id = self.api.ready_source(machine)
        response = self.api.create_migration(self.source_id, kind='warm')
        self.assert_error(response, 400, 'machine.disk_unsupported')
        response = self.api.create_migration(self.source_id, kind='cold')
        self.assertEqual(202, response.status_code)

    def test_no_time(self):
        self.assertEqual(
            400, self.cut_over(self.created(), at='soon').status_code
        )

    def test_before_the_first_round(self):
        id = self.created(status='running', step='precopy', progress={})
        self.assert_error(
            self.cut_over(id), 409, 'migration.cutover_too_early'
        )

    def test_while_a_round_runs_it_waits_for_its_end(self):
        id = self.created(status='running', step='precopy')
        self.assertEqual(202, self.cut_over(id).status_code)
        self.assertEqual([], self.intended(models.now()))

    def test_a_cold_one_has_neither(self):
        id = self.created(kind='cold', status='running', step='copy_disks')
        for response in (self.cut_over(id), self.sync(id)):
            self.assert_error(response, 409, 'migration.not_warm')

    def test_once_it_has_begun_it_is_too_late(self):
        id = self.created(status='running', step='final_copy')
        for response in (self.cut_over(id), self.sync(id)):
            self.assert_error(response, 409, 'migration.invalid_transition')

    def test_a_cancelled_one_is_not_cut_over(self):
        id = self.created(cancel_requested_at=models.now())
        for response in (self.cut_over(id), self.sync(id)):
            self.assert_error(response, 409, 'migration.invalid_transition')

    def test_sync(self):
        id = self.created()
        response = self.sync(id)
        self.assertEqual(202, response.status_code, response.text)
        self.assertIsNotNone(response.json['migration']['sync_requested_at'])
        self.assertEqual([id], self.intended(models.now()))

    def test_rounds_are_shown(self):
        id = self.created()
        path = f'/v1/migrations/{id}'
        progress = self.api.request('GET', path, 'member').json['migration'][
            'progress'
        ]
        self.assertEqual([ROUND], progress['rounds'])
        self.assertEqual(100, progress['percent'])
