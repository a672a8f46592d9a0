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

"""Rehearsals: what is refused, written and shown."""

import datetime

from migrate_service.db import models
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import rehearsals as rehearsals_db
from tests.functional.api import base
from tests.functional.api import test_cutover

NETWORK = '22222222-2222-4222-8222-222222222222'


class TestRehearsals(test_cutover.Case):
    def rehearse(self, id, **values):
        return self.api.request(
            'POST',
            f'/v1/migrations/{id}/rehearse',
            'member',
            json={'rehearsal': values},
        )

    def show(self, path):
        return self.api.request('GET', f'/v1/migrations/{path}', 'reader').json

    def end(self, id, **rehearsal):
        """Have the rehearsal end as the conductor would."""
        migrations_db.transition(
            self.context,
            id,
            {'rehearse_requested_at': None},
            None,
            rehearsal={'status': rehearsals_db.ENDED} | rehearsal,
        )

    def test_it_is_recorded_and_carried_out(self):
        id = self.created()
        response = self.rehearse(id, network_id=NETWORK)
        self.assertEqual(202, response.status_code, response.text)
        rehearsal = response.json['rehearsal']
        self.assertEqual('requested', rehearsal['status'])
        self.assertEqual(NETWORK, rehearsal['network_id'])
        self.assertEqual([id], self.intended(models.now()))
        migration = self.show(id)['migration']
        self.assertIsNotNone(migration['rehearse_requested_at'])
        self.assertEqual(rehearsal['id'], migration['rehearsal']['id'])
        path = f'{id}/rehearsals/{rehearsal["id"]}'
        self.assertEqual(rehearsal, self.show(path)['rehearsal'])

    def test_what_is_refused(self):
        now = models.now()
        for values, code in (
            ({'progress': {}}, 'rehearsal_too_early'),
            ({'cutover_at': now}, 'rehearsal_too_late'),
            (
                {'step': 'final_copy', 'status': 'running'},
                'invalid_transition',
            ),
            ({'cancel_requested_at': now}, 'invalid_transition'),
            ({'status': 'error'}, 'invalid_transition'),
            (
                {'step': 'clone_volumes', 'status': 'running'},
                'rehearsal_underway',
            ),
            ({'kind': 'cold'}, 'not_warm'),
        ):
            id = self.created(**values, in_use=None)
            self.assert_error(self.rehearse(id), 409, f'migration.{code}')
            self.assertEqual([], self.show(f'{id}/rehearsals')['rehearsals'])

    def test_a_second_one(self):
        id = self.created()
        self.assertEqual(202, self.rehearse(id).status_code)
        self.assert_error(
            self.rehearse(id), 409, 'migration.rehearsal_underway'
        )

    def test_a_cutover_to_come_does_not_forbid_it(self):
        later = models.now() + datetime.timedelta(hours=1)
        self.assertEqual(
            202, self.rehearse(self.created(cutover_at=later)).status_code
        )

    def test_the_network_of_the_machine_itself(self):
        response = self.rehearse(self.created(), network_id=base.TARGET)
        self.assert_error(response, 400, 'migration.rehearsal_network_in_use')

    def test_bad_probes(self):
        id = self.created()
        for probe in (
            {'http': {'port': 0}},
            {'http': {'port': 80, 'path': 'x'}},
            {'http': {'port': 80, 'path': '/a b'}},
            {'tcp_port': 70000},
            {'timeout': 1},
            {'shell': 'id'},
        ):
            response = self.rehearse(id, probe=probe)
            self.assertEqual(400, response.status_code, probe)

    def test_pages(self):
        id = self.created()
        ids = []
        for _number in range(3):
            ids.append(self.rehearse(id).json['rehearsal']['id'])
            self.end(id)
        first = self.show(f'{id}/rehearsals?limit=2')
        self.assertEqual(ids[:2], [one['id'] for one in first['rehearsals']])
        self.assertIn('rehearsals_links', first)
        rest = self.show(f'{id}/rehearsals?limit=2&marker={ids[1]}')
        self.assertEqual(ids[2:], [one['id'] for one in rest['rehearsals']])
        self.assertNotIn('console', rest['rehearsals'][0])

    def test_another_migration_does_not_have_it(self):
        id = self.created(in_use=None)
        other = self.created(in_use=None)
        rehearsal = self.rehearse(id).json['rehearsal']['id']
        response = self.api.request(
            'GET', f'/v1/migrations/{other}/rehearsals/{rehearsal}', 'reader'
        )
        self.assert_error(response, 404, 'migration.not_found')

    def test_a_cutover_demands_one_that_passed(self):
        options = {'networks': [], 'require_rehearsal': True}
        id = self.created(options=options)
        for verdict in ('failed', 'passed'):
            self.assert_error(
                self.cut_over(id), 409, 'migration.rehearsal_required'
            )
            self.assertEqual(202, self.rehearse(id).status_code)
            self.end(id, verdict=verdict)
        self.assertEqual(202, self.cut_over(id).status_code)

    def test_a_cold_one_cannot_demand_it(self):
        response = self.api.create_migration(
            self.source_id, require_rehearsal=True
        )
        self.assert_error(response, 400, 'migration.bad_request')
