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
"""A source shared with another tenant, against the real Keystone."""

import random

import requests

from tests.lab import settings
from tests.lab.scenarios import base
from tests.lab.service import tenants

#: What the inventory of the lab gives to one machine.
TAG = 'owner:tenant-b'
HIDDEN = ('address', 'port', 'username', 'ca', 'fingerprint', 'product')
TARGET = '2b1a4c3e-5c0f-4a0e-8f5f-0d9d4a3a1b2c'


class TestGrants(base.Scenario):
    """tenant-b sees one tag of the source of tenant-a, and moves nothing."""

    def setUp(self):
        super().setUp()
        listed = list(self.manager.migration.machines(self.source))
        self.seen = {one.id for one in listed if TAG in one.tags}
        self.outside = {
            one.id: one for one in listed if one.id not in self.seen
        }
        other = tenants.connect('member-b')
        self.let_manage(other)
        self.token = other.auth_token
        self.grant = self.admin.migration.create_grant(
            self.source, project_id=other.current_project_id, tags=[TAG]
        )
        self.addCleanup(self.take_back)
        self.path = f'/v1/sources/{self.source.id}'

    def let_manage(self, connection):
        """Let a user manage its project: only managers make plans."""
        identity = self.admin.identity
        asked = (
            connection.current_project_id,
            connection.current_user_id,
            identity.find_role('manager', ignore_missing=False),
        )
        identity.assign_project_role_to_user(*asked)
        self.addCleanup(identity.unassign_project_role_from_user, *asked)
        connection.session.invalidate()

    def take_back(self):
        client = self.admin.migration
        for grant in list(client.grants(self.source)):
            client.delete_grant(grant, self.source)

    def ask(self, method, path, body=None, query=None):
        """Ask as member-b."""
        return requests.request(
            method,
            settings.url('migrate', path),
            params=query,
            json=body,
            headers={
                'X-Auth-Token': self.token,
                'OpenStack-API-Version': 'migration 1.0',
            },
            timeout=60,
        )

    def move(self, machine_id, network):
        body = {
            'source_id': self.source.id,
            'machine_id': machine_id,
            'networks': [{'source': network, 'network_id': TARGET}],
        }
        return self.ask('POST', '/v1/migrations', {'migration': body})

    def test_tenant_learns_and_moves_only_what_was_granted(self):
        self.assertEqual((1, 1), (len(self.seen), self.grant.machine_count))
        source = self.ask('GET', self.path).json()['source']
        self.assertEqual({None}, {source[name] for name in HIDDEN})
        machines = self.ask('GET', f'{self.path}/machines').json()['machines']
        self.assertEqual(self.seen, {one['id'] for one in machines})
        for machine in machines:
            paths = {disk['path'] for disk in machine['disks']}
            self.assertEqual({None}, {machine['host'], *paths})
        self.filters()
        self.ids()
        self.take_back()
        for path in ('', '/machines', f'/machines/{machines[0]["id"]}'):
            answer = self.ask('GET', self.path + path)
            self.assertEqual(404, answer.status_code, path)
        answer = self.move(machines[0]['id'], 'any')
        self.assertEqual(404, answer.status_code, answer.text)

    def filters(self):
        """No filter, marker or order brings another machine up."""
        chance = random.Random(20261121)  # noqa: S311
        others = list(self.outside.values())
        for _ in range(20):
            other = chance.choice(others)
            query = {
                'name': other.name,
                'folder': other.folder,
                'tag': chance.choice((*other.tags, '%')),
                'marker': other.id,
                'sort_dir': 'desc',
            }
            names = chance.sample(list(query), chance.randint(1, 4))
            answer = self.ask(
                'GET',
                f'{self.path}/machines',
                query={name: query[name] for name in names},
            )
            found = answer.json().get('machines', ())
            self.assertLessEqual({one['id'] for one in found}, self.seen)

    def ids(self):
        """Machines outside are refused like machines that are not."""
        for id, network in (
            ('vm-none', 'any'),
            *((id, one.nics[0]['network']) for id, one in self.with_nics()),
        ):
            shown = self.ask('GET', f'{self.path}/machines/{id}')
            moved = self.move(id, network)
            body = {'source_id': self.source.id, 'machine_ids': [id]}
            assessed = self.ask(
                'POST', '/v1/assessments', {'assessment': body}
            )
            planned = self.plan(id)
            for answer in (shown, moved, assessed, planned):
                self.assertEqual(404, answer.status_code, answer.text)
                (error,) = answer.json()['errors']
                self.assertEqual('machine.not_found', error['code'])
                self.assertIn(f'has no machine {id}.', error['detail'])

    def plan(self, machine_id):
        plan = {
            'name': 'night',
            'source_id': self.source.id,
            'options': {'networks': []},
            'waves': [
                {'name': 'first', 'machines': [{'machine_id': machine_id}]}
            ],
        }
        return self.ask('POST', '/v1/plans', {'plan': plan})

    def with_nics(self):
        found = [item for item in self.outside.items() if item[1].nics]
        return found[:8]
