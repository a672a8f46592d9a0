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

"""Grants: a project learns of and moves what it was granted, no more."""

import copy
import json
import random
import re

from oslo_utils import uuidutils

from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import machines as machines_db
from tests.functional.api import base

GRANTEE = 'project-g'
#: Parts of what must never be told to a grantee.
SECRETS = ('vcenter.test', 'geheim', 'esxi-', 'ds-path', 'HIDDEN')
FOLDERS = ('/dc/web', '/dc/web/shop', '/dc/web-old', '/dc/db', '/')
TAGS = ('tenant:g', 'tenant:h')
POOLS = ('gold', 'silver')
GRANT = {
    'project_id': GRANTEE,
    'folders': ['/dc/web'],
    'tags': ['tenant:g'],
    'resource_pools': ['gold'],
}


def inside(one):
    """Return whether the grant shows a machine; told in plain words."""
    folder = one['folder'] or ''
    return (
        folder == '/dc/web'
        or folder.startswith('/dc/web/')
        or 'tenant:g' in one['tags']
        or one['resource_pool'] == 'gold'
    )


def machines(chance, count=40):
    """Return machines in random places; the names of others are secrets."""
    made = []
    for number in range(count):
        one = base.machine(
            f'vm-{number}',
            folder=chance.choice((*FOLDERS, None)),
            tags=chance.sample(TAGS, chance.randint(0, 1)),
            resource_pool=chance.choice((*POOLS, None)),
            host=f'esxi-{number}',
            cluster=f'HIDDEN-cluster-{number}',
        )
        mark = 'seen' if inside(one) else 'HIDDEN'
        one['name'] = f'{mark} {number}'
        one['disks'][0]['path'] = f'[ds-path] {mark}/{number}.vmdk'
        one['disks'][0]['datastore'] = f'ds-{mark}'
        one['nics'][0]['network'] = f'net-{mark}'
        made.append(one)
    return made


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.chance = random.Random(20261121)  # noqa: S311
        self.machines = machines(self.chance)
        self.seen = sorted(m['key'] for m in self.machines if inside(m))
        self.unseen = sorted({m['key'] for m in self.machines} - {*self.seen})
        self.source_id = self.api.ready_source(*self.machines)
        self.read_again()
        self.path = f'/v1/sources/{self.source_id}'
        self.grant = self.give(**GRANT)

    def read_again(self):
        """Let the source have networks and datastores of both sides."""
        items = {
            name: [
                base_item
                | {'key': f'{short}-{mark}', 'name': f'{short} {mark}'}
                for mark in ('seen', 'HIDDEN')
            ]
            for name, short, base_item in (
                ('networks', 'net', base.NETWORK),
                ('datastores', 'ds', base.DATASTORE),
            )
        }
        machines_db.store(self.context, self.source_id, None, 0, items)

    def give(self, **values):
        response = self.api.request(
            *('POST', f'/v1/sources/{self.source_id}/grants', 'admin'),
            json={'grant': values},
        )
        self.assertEqual(201, response.status_code, response.text)
        return response.json['grant']

    def ask(self, method, path, role='manager', project=GRANTEE, **body):
        """Ask as the grantee, who must learn nothing of the rest."""
        response = self.api.request(
            method, path, role, project, **({'json': body} if body else {})
        )
        if project == GRANTEE:
            for secret in SECRETS:
                self.assertNotIn(secret, response.text, (method, path, body))
        return response

    def migrate(self, machine_id, project=GRANTEE, **values):
        mark = 'seen' if machine_id in self.seen else 'HIDDEN'
        entry = {'source': f'net-{mark}', 'network_id': base.TARGET}
        body = {
            'source_id': self.source_id,
            'machine_id': machine_id,
            'networks': [entry],
        } | values
        return self.ask(
            'POST', '/v1/migrations', project=project, migration=body
        )

    def rows(self):
        return self.ask('GET', '/v1/migrations').json['migrations']

    def take_back(self, query=''):
        return self.api.request(
            'DELETE', f'{self.path}/grants/{self.grant["id"]}{query}', 'admin'
        )


class TestGrants(TestCase):
    def test_an_operator_sees_what_it_shows(self):
        path = f'{self.path}/grants'
        self.assertEqual(len(self.seen), self.grant['machine_count'])
        self.assertTrue(self.seen)
        self.assertTrue(self.unseen)
        listed = self.api.request('GET', path, 'admin').json['grants']
        self.assertEqual([self.grant], listed)
        shown = self.api.request('GET', f'{path}/{self.grant["id"]}', 'admin')
        self.assertEqual(self.grant, shown.json['grant'])

    def test_grants_that_cannot_be(self):
        for values, text in (
            ({'project_id': GRANTEE}, 'at least one'),
            ({'project_id': 'project-a', 'tags': ['x']}, 'of this project'),
        ):
            response = self.api.request(
                'POST', f'{self.path}/grants', 'admin', json={'grant': values}
            )
            self.assert_error(response, 400, 'migration.bad_request', text)

    def test_a_grant_of_another_source(self):
        other = self.api.ready_source()
        response = self.api.request(
            *('DELETE', f'/v1/sources/{other}/grants/{self.grant["id"]}'),
            'admin',
        )
        self.assertEqual(404, response.status_code)
        self.assertEqual(200, self.ask('GET', self.path).status_code)

    def test_it_is_refused_while_machines_move(self):
        id = self.migrate(self.seen[0]).json['migration']['id']
        self.assert_error(self.take_back(), 409, 'grant.in_use', GRANTEE)
        self.assertEqual(204, self.take_back('?force=true').status_code)
        shown = self.ask('GET', f'/v1/migrations/{id}')
        self.assertEqual('accepted', shown.json['migration']['status'])
        self.assertEqual(404, self.migrate(self.seen[1]).status_code)
        self.assertEqual(404, self.ask('GET', self.path).status_code)

    def test_it_is_taken_back_when_they_have_ended(self):
        id = self.migrate(self.seen[0]).json['migration']['id']
        values = {'status': 'completed', 'in_use': None}
        leases.update(self.context, models.Migration, id, values)
        self.assertEqual(204, self.take_back().status_code)
        self.assertEqual([], self.ask('GET', '/v1/sources').json['sources'])

    def test_a_machine_is_moved_by_one_project_at_a_time(self):
        first = self.migrate(self.seen[0])
        self.assertEqual(202, first.status_code, first.text)
        second = self.migrate(self.seen[0], project='project-a')
        self.assert_error(second, 409, 'grant.machine_taken')
        self.assertNotIn(first.json['migration']['id'], second.text)
        again = self.migrate(self.seen[0])
        self.assert_error(again, 409, 'migration.machine_in_use')

    def test_the_source_stays_the_operators(self):
        for method, path, body in (
            ('PATCH', self.path, {'source': {'name': 'mine'}}),
            ('DELETE', self.path, {}),
            ('POST', f'{self.path}/refresh', {}),
            ('GET', f'{self.path}/grants', {}),
            ('POST', f'{self.path}/grants', {'grant': GRANT}),
            ('DELETE', f'{self.path}/grants/{self.grant["id"]}', {}),
        ):
            for role in ('manager', 'member', 'reader'):
                response = self.ask(method, path, role, **body)
                self.assertEqual(404, response.status_code, (method, path))

    def test_personas_hold_for_what_is_shared(self):
        entry = {'source': 'net-seen', 'network_id': base.TARGET}
        body = {
            'source_id': self.source_id,
            'machine_id': self.seen[0],
            'networks': [entry],
        }
        response = self.ask('POST', '/v1/migrations', 'reader', migration=body)
        self.assertEqual(403, response.status_code)
        self.assertEqual(404, self.ask('GET', self.path, 'none').status_code)

    def test_what_names_the_infrastructure_is_refused(self):
        id = self.migrate(self.seen[0]).json['migration']['id']
        response = self.ask('GET', f'/v1/migrations/{id}/log')
        self.assert_error(response, 403, 'grant.not_shown', 'logs')
        response = self.ask('GET', f'{self.path}/machines?cluster=HIDDEN')
        self.assert_error(response, 403, 'grant.not_shown', 'clusters')

    def test_errors_come_without_names(self):
        id = self.migrate(self.seen[0]).json['migration']['id']
        path = next(
            m['disks'][0]['path']
            for m in self.machines
            if m['key'] == self.seen[0]
        )
        for code, message in (
            ('transfer.failed', f'{path} on 10.1.2.3 of VCENTER.TEST'),
            ('source.unreachable', 'HIDDEN esxi-9 is away.'),
        ):
            error = {'code': code, 'message': message, 'remedy': 'x'}
            values = {
                'status': 'error',
                'error': error,
                'warnings': [message] if code == 'transfer.failed' else [],
                'checkpoint': {
                    'machine': next(
                        m for m in self.machines if m['key'] == self.seen[0]
                    )
                },
            }
            leases.update(self.context, models.Migration, id, values)
            shown = self.ask('GET', f'/v1/migrations/{id}').json['migration']
            for told in (shown, *self.rows()):
                self.assertEqual(code, told['error']['code'])
                self.assertNotIn('10.1.2.3', json.dumps(told))
        whole = self.api.request('GET', f'/v1/migrations/{id}', 'admin')
        self.assertIn('esxi-9', whole.text)


class TestFuzz(TestCase):
    """Whatever a grantee sends, the rest is as if it were not there."""

    def absent(self, response):
        """Return an answer with what differs by its ids taken out."""
        told = copy.deepcopy(response.json)
        for error in told['errors']:
            del error['request_id']
        text = re.sub(r'\bvm-\w+', 'ID', json.dumps(told))
        return response.status_code, text

    def test_lists_are_of_the_grant(self):
        sources = self.ask('GET', '/v1/sources').json['sources']
        self.assertEqual([self.source_id], [one['id'] for one in sources])
        listed = self.ask('GET', f'{self.path}/machines').json['machines']
        self.assertEqual(self.seen, sorted(one['id'] for one in listed))
        for noun in ('networks', 'datastores'):
            found = self.ask('GET', f'{self.path}/{noun}').json[noun]
            (one,) = found
            self.assertTrue(one['id'].endswith('-seen'), found)

    def test_any_filter_finds_only_the_grant(self):
        values = {
            'name': ('HIDDEN', 'seen', 'e', '1', '%', "' or 1=1 --"),
            'folder': (*FOLDERS[:4], '/dc', '%2F', 'x'),
            'tag': (*TAGS, '%'),
            'power_state': ('on',),
            'guest_family': ('linux',),
            'marker': ('vm-none', *self.unseen[:3], *self.seen[:2]),
            'limit': ('1', '3', '100'),
            'sort_key': ('name', 'id'),
            'sort_dir': ('asc', 'desc'),
        }
        for _ in range(150):
            names = self.chance.sample(list(values), self.chance.randint(1, 4))
            query = '&'.join(
                f'{name}={self.chance.choice(values[name])}' for name in names
            ).replace('HIDDEN', 'HID')
            response = self.ask('GET', f'{self.path}/machines?{query}')
            found = response.json.get('machines', ())
            self.assertLessEqual({m['id'] for m in found}, {*self.seen}, query)

    def test_ids_of_others_are_as_if_they_were_not_there(self):
        nothing = self.absent(self.ask('GET', f'{self.path}/machines/vm-none'))
        refused = self.absent(self.migrate('vm-none', networks=[]))
        self.assertEqual((404, 404), (nothing[0], refused[0]))
        for id in self.unseen:
            found = self.ask('GET', f'{self.path}/machines/{id}')
            self.assertEqual(nothing, self.absent(found))
            found = self.migrate(id, networks=[])
            self.assertEqual(refused, self.absent(found))
        for id in (uuidutils.generate_uuid(), 'x'):
            response = self.ask('GET', f'/v1/sources/{id}')
            self.assertEqual(404, response.status_code)
        self.assertEqual([], self.rows())

    def test_mappings_name_only_what_the_grant_shows(self):
        for field, entry in (
            ('networks', {'source': 'net-{}', 'network_id': base.TARGET}),
            ('volume_types', {'datastore': 'ds-{}', 'volume_type': 'x'}),
        ):
            answers = []
            for mark, status in (('HIDDEN', 400), ('x', 400), ('seen', 201)):
                one = {k: v.format(mark) for k, v in entry.items()}
                values = {'name': mark, 'source_id': self.source_id}
                response = self.api.request(
                    *('POST', '/v1/mappings', 'manager', GRANTEE),
                    json={'mapping': values | {field: [one]}},
                )
                self.assertEqual(status, response.status_code, response.text)
                if status == 400:
                    text = response.json['message'].replace(mark, 'x')
                    answers.append(text)
            self.assertEqual(answers[:1] * 2, answers)

    def test_a_mapping_that_knew_more_yields_no_more(self):
        wide = self.give(project_id=GRANTEE, folders=['/'])
        entries = [
            {'source': f'net-{mark}', 'network_id': base.TARGET}
            for mark in ('seen', 'HIDDEN')
        ]
        made = self.api.request(
            *('POST', '/v1/mappings', 'manager', GRANTEE),
            json={
                'mapping': {
                    'name': 'wide',
                    'source_id': self.source_id,
                    'networks': entries,
                }
            },
        ).json['mapping']
        path = f'{self.path}/grants/{wide["id"]}'
        self.api.request('DELETE', path, 'admin')
        path = f'/v1/mappings/{made["id"]}/unmapped'
        found = self.ask('POST', path, unmapped={'all': True}).json['unmapped']
        self.assertEqual(len(self.seen), found['machine_count'])
        chosen = {'networks': [], 'mapping_id': made['id']}
        for id in self.unseen[:3]:
            self.assertEqual(404, self.migrate(id, **chosen).status_code)
            response = self.ask('POST', path, unmapped={'machine_ids': [id]})
            self.assertEqual(404, response.status_code)
        response = self.migrate(self.seen[0], **chosen)
        self.assertEqual(202, response.status_code, response.text)
        migration = response.json['migration']
        self.assertEqual(entries[:1], migration['networks'])

    def test_assessments_are_of_the_grant(self):
        for _ in range(30):
            ids = self.chance.sample(
                [*self.seen, *self.unseen], self.chance.randint(1, 6)
            )
            body = {'source_id': self.source_id, 'machine_ids': ids}
            response = self.ask('POST', '/v1/assessments', assessment=body)
            good = set(ids) <= {*self.seen}
            self.assertEqual(202 if good else 404, response.status_code, ids)
        body = {'source_id': self.source_id, 'all': True}
        response = self.ask('POST', '/v1/assessments', assessment=body)
        count = response.json['assessment']['machine_count']
        self.assertEqual(len(self.seen), count)

    def test_a_project_without_a_grant_sees_nothing(self):
        for path in ('', '/machines', '/networks', '/machines/vm-1'):
            response = self.api.request(
                *('GET', f'{self.path}{path}', 'manager', 'project-x')
            )
            self.assertEqual(404, response.status_code, path)
        body = {
            'source_id': self.source_id,
            'machine_id': self.seen[0],
            'networks': [],
        }
        for role in ('manager', 'admin'):
            response = self.api.request(
                *('POST', '/v1/migrations', role, 'project-x'),
                json={'migration': body},
            )
            self.assertEqual(404, response.status_code, role)
        id = uuidutils.generate_uuid()
        response = self.ask('GET', f'/v1/sources/{id}/machines')
        self.assertEqual(404, response.status_code)
