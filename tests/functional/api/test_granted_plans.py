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

"""Plans of a project that sees a part of a source."""

import types

from migrate_service.conductor import plans as conductor_plans
from migrate_service.db import models
from migrate_service.db.api import leases
from tests.functional.api import base
from tests.functional.api import test_grants


class TestGrantedPlans(test_grants.TestCase):
    def plan(self, *ids, **values):
        """Ask for a plan of machines as the grantee."""
        networks = [{'source': 'net-seen', 'network_id': base.TARGET}]
        machines = [{'machine_id': id} for id in ids]
        plan = {
            'name': 'night',
            'source_id': self.source_id,
            'options': {'networks': networks},
            'waves': [{'name': 'first', 'machines': machines}],
        }
        return self.ask('POST', '/v1/plans', plan=plan | values)

    def start(self, *ids):
        """Return the id of a plan of the grantee that was started."""
        created = self.plan(*ids)
        self.assertEqual(201, created.status_code, created.text)
        id = created.json['plan']['id']
        started = self.ask('POST', f'/v1/plans/{id}/start')
        self.assertEqual(202, started.status_code, started.text)
        return id

    def drive(self):
        """Let a conductor do what is due."""
        clock = types.SimpleNamespace(now=models.now)
        conductor_plans.Plans(self.api.config.conf, clock).run(self.context)

    def machines_of(self, id):
        return self.ask('GET', f'/v1/plans/{id}/machines').json['machines']

    def test_machines_outside_are_as_if_they_were_not_there(self):
        for number in range(20):
            ids = self.chance.sample(
                [*self.seen, *self.unseen], self.chance.randint(1, 5)
            )
            good = set(ids) <= {*self.seen}
            response = self.plan(*ids, name=f'night {number}')
            self.assertEqual(201 if good else 404, response.status_code, ids)
            if not good:
                self.assert_error(response, 404, 'machine.not_found')

    def test_a_draft_cannot_be_widened(self):
        made = self.plan(self.seen[0]).json['plan']
        machines = [{'machine_id': self.unseen[0]}]
        waves = [{'name': 'first', 'machines': machines}]
        response = self.ask(
            'PATCH', f'/v1/plans/{made["id"]}', plan={'waves': waves}
        )
        self.assert_error(response, 404, 'machine.not_found')

    def test_its_machines_move(self):
        id = self.start(self.seen[0])
        self.drive()
        (one,) = self.machines_of(id)
        moved = self.ask('GET', f'/v1/migrations/{one["migration_id"]}')
        self.assertEqual('accepted', moved.json['migration']['status'])

    def test_no_start_without_the_grant(self):
        id = self.plan(self.seen[0]).json['plan']['id']
        self.assertEqual(204, self.take_back().status_code)
        response = self.ask('POST', f'/v1/plans/{id}/start')
        self.assertEqual(404, response.status_code, response.text)

    def test_nothing_begins_after_the_grant_was_taken_back(self):
        id = self.start(self.seen[0])
        self.assertEqual(204, self.take_back().status_code)
        self.drive()
        (one,) = self.machines_of(id)
        self.assertIsNone(one['migration_id'])
        self.assertEqual('plan.machine_unavailable', one['error']['code'])
        self.assertEqual(
            [], self.ask('GET', '/v1/migrations').json['migrations']
        )

    def test_another_projects_migration_is_not_named(self):
        id = self.start(self.seen[0])
        other = self.migrate(self.seen[0], project='project-a')
        self.drive()
        (one,) = self.machines_of(id)
        self.assertEqual('plan.machine_unavailable', one['error']['code'])
        events = self.ask('GET', f'/v1/plans/{id}/events').text
        for text in (one['error']['message'], events):
            self.assertNotIn(other.json['migration']['id'], text)

    def test_errors_come_without_names(self):
        id = self.start(self.seen[0])
        self.drive()
        (one,) = self.machines_of(id)
        path = next(
            machine['disks'][0]['path']
            for machine in self.machines
            if machine['key'] == self.seen[0]
        )
        error = {
            'code': 'transfer.failed',
            'message': f'{path} on 10.1.2.3 of VCENTER.TEST',
            'remedy': 'x',
        }
        values = {'status': 'error', 'error': error}
        leases.update(
            self.context, models.Migration, one['migration_id'], values
        )
        (one,) = self.machines_of(id)
        self.assertEqual('transfer.failed', one['error']['code'])
        for name in ('10.1.2.3', 'VCENTER'):
            self.assertNotIn(name, one['error']['message'])
