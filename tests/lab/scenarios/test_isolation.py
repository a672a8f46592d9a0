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
"""Every route for every persona, against the real Keystone."""

import requests

from migrate_client.osc import wait
from tests.lab import settings
from tests.lab.scenarios import base
from tests.lab.service import tenants

#: Who may: everybody in the project, its members, its managers, operators.
READER, MEMBER, MANAGER, ADMIN = 'reader', 'member', 'manager', 'admin'
ROLES = {
    'reader-a': {READER},
    'member-a': {READER, MEMBER},
    'manager-a': {READER, MEMBER, MANAGER},
    'admin': {READER, MEMBER, MANAGER, ADMIN},
    'member-b': {READER, MEMBER},
}
PUBLIC = {
    ('GET', '/'),
    ('GET', '/v1'),
    ('GET', '/v1/'),
    ('GET', '/v1/openapi.json'),
}
#: (method, path, who may); the bodies are in ``BODIES``. The migration is
#: under way and uses the source, so nothing here really deletes.
ROUTES = (
    ('GET', '/v1/sources', READER),
    ('POST', '/v1/sources', MANAGER),
    ('GET', '/v1/sources/{source_id}', READER),
    ('PATCH', '/v1/sources/{source_id}', MANAGER),
    ('DELETE', '/v1/sources/{source_id}', MANAGER),
    ('POST', '/v1/sources/{source_id}/refresh', MANAGER),
    ('GET', '/v1/sources/{source_id}/machines', READER),
    ('GET', '/v1/sources/{source_id}/machines/{machine_id}', READER),
    ('GET', '/v1/sources/{source_id}/networks', READER),
    ('GET', '/v1/sources/{source_id}/datastores', READER),
    ('GET', '/v1/sources/{source_id}/grants', ADMIN),
    ('POST', '/v1/sources/{source_id}/grants', ADMIN),
    ('GET', '/v1/sources/{source_id}/grants/{grant_id}', ADMIN),
    ('DELETE', '/v1/sources/{source_id}/grants/{grant_id}', ADMIN),
    ('GET', '/v1/mappings', READER),
    ('POST', '/v1/mappings', MANAGER),
    ('GET', '/v1/mappings/{mapping_id}', READER),
    ('PATCH', '/v1/mappings/{mapping_id}', MANAGER),
    ('POST', '/v1/mappings/{mapping_id}/unmapped', READER),
    ('DELETE', '/v1/mappings/{mapping_id}', MANAGER),
    ('GET', '/v1/assessments', READER),
    ('POST', '/v1/assessments', MEMBER),
    ('GET', '/v1/assessments/{assessment_id}', READER),
    ('GET', '/v1/assessments/{assessment_id}/machines', READER),
    ('DELETE', '/v1/assessments/{assessment_id}', MEMBER),
    ('GET', '/v1/plans', READER),
    ('POST', '/v1/plans', MANAGER),
    ('GET', '/v1/plans/{plan_id}', READER),
    ('PATCH', '/v1/plans/{plan_id}', MANAGER),
    ('DELETE', '/v1/plans/{plan_id}', MANAGER),
    ('GET', '/v1/plans/{plan_id}/machines', READER),
    ('GET', '/v1/plans/{plan_id}/events', READER),
    ('GET', '/v1/plans/{plan_id}/simulation', READER),
    ('POST', '/v1/plans/{plan_id}/start', MANAGER),
    ('POST', '/v1/plans/{plan_id}/pause', MANAGER),
    ('POST', '/v1/plans/{plan_id}/resume', MANAGER),
    ('POST', '/v1/plans/{plan_id}/cutover', MANAGER),
    ('POST', '/v1/plans/{plan_id}/cancel', MANAGER),
    ('GET', '/v1/migrations', READER),
    ('POST', '/v1/migrations', MEMBER),
    ('GET', '/v1/migrations/{migration_id}', READER),
    ('DELETE', '/v1/migrations/{migration_id}', MEMBER),
    ('POST', '/v1/migrations/{migration_id}/cancel', MEMBER),
    ('POST', '/v1/migrations/{migration_id}/retry', MEMBER),
    ('POST', '/v1/migrations/{migration_id}/cutover', MEMBER),
    ('DELETE', '/v1/migrations/{migration_id}/cutover', MEMBER),
    ('POST', '/v1/migrations/{migration_id}/sync', MEMBER),
    ('POST', '/v1/migrations/{migration_id}/rehearse', MEMBER),
    ('GET', '/v1/migrations/{migration_id}/rehearsals', READER),
    (
        'GET',
        '/v1/migrations/{migration_id}/rehearsals/{rehearsal_id}',
        READER,
    ),
    ('POST', '/v1/migrations/{migration_id}/accept', MEMBER),
    ('POST', '/v1/migrations/{migration_id}/rollback', MEMBER),
    ('POST', '/v1/migrations/{migration_id}/prepare', MEMBER),
    ('GET', '/v1/migrations/{migration_id}/events', READER),
    ('GET', '/v1/migrations/{migration_id}/log', READER),
    ('GET', '/v1/migrations/{migration_id}/manifest', READER),
    ('GET', '/v1/limits', READER),
    ('GET', '/v1/workers', ADMIN),
    ('GET', '/v1/workers/{name}', ADMIN),
    ('PATCH', '/v1/workers/{name}', ADMIN),
)
#: What the others want to see, too.
KEPT = {
    ('DELETE', '/v1/sources/{source_id}/grants/{grant_id}'),
    ('DELETE', '/v1/assessments/{assessment_id}'),
    ('DELETE', '/v1/mappings/{mapping_id}'),
    ('DELETE', '/v1/plans/{plan_id}'),
    ('POST', '/v1/plans/{plan_id}/start'),
}
#: Of no project: nothing to hide from other tenants but the whole.
GLOBAL = {'/v1/workers', '/v1/workers/{name}'}
#: In the own project: other tenants may, and find nothing of tenant-a.
LISTS = {
    '/v1/sources',
    '/v1/mappings',
    '/v1/assessments',
    '/v1/plans',
    '/v1/migrations',
}
OWN = LISTS | {'/v1/limits'}
#: What members may not create, in their own project either.
MANAGED = {
    ('POST', '/v1/sources'),
    ('POST', '/v1/mappings'),
    ('POST', '/v1/plans'),
}


class TestIsolation(base.Scenario):
    def setUp(self):
        super().setUp()
        self.reset(self.machine)
        self.close_door('inspect', 'hold')
        self.migration = self.move()
        self.at_door(self.migration.id, 'inspect')
        self.tokens = {
            user: tenants.connect(user).auth_token for user in ROLES
        }
        self.names = {
            'source_id': self.source.id,
            'machine_id': self.migration.machine_id,
            'migration_id': self.migration.id,
            'rehearsal_id': 'none',
            'assessment_id': self.assess(),
            'mapping_id': self.map(),
            'plan_id': self.plan(),
            'grant_id': self.grant(),
            'name': 'node-1',
        }
        self.bodies = {
            ('POST', '/v1/sources'): {
                'source': {
                    'name': 'isolation',
                    'driver': 'vsphere',
                    'address': 'vcenter.invalid',
                    'username': 'nobody',
                    'password': 'nothing',  # noqa: S106
                }
            },
            ('PATCH', '/v1/sources/{source_id}'): {
                'source': {'description': 'The vCenter of the lab'}
            },
            ('POST', '/v1/sources/{source_id}/grants'): {
                'grant': {'project_id': 'nobody', 'tags': ['none']}
            },
            ('POST', '/v1/mappings'): {
                'mapping': {'source_id': self.source.id, 'name': 'isolation'}
            },
            ('PATCH', '/v1/mappings/{mapping_id}'): {
                'mapping': {'keep_ip': False}
            },
            ('POST', '/v1/mappings/{mapping_id}/unmapped'): {
                'unmapped': {'all': True}
            },
            ('POST', '/v1/migrations'): {'migration': self.attributes()},
            ('POST', '/v1/assessments'): {
                'assessment': {'source_id': self.source.id, 'all': True}
            },
            ('POST', '/v1/plans'): {'plan': self.plan_attributes()},
            ('PATCH', '/v1/plans/{plan_id}'): {
                'plan': {'description': 'The plan of the lab'}
            },
            ('POST', '/v1/migrations/{migration_id}/cutover'): {'cutover': {}},
            ('POST', '/v1/migrations/{migration_id}/rehearse'): {
                'rehearsal': {}
            },
            ('POST', '/v1/migrations/{migration_id}/rollback'): {
                'rollback': {}
            },
            ('POST', '/v1/migrations/{migration_id}/prepare'): {
                'prepare': {'username': 'root', 'password': 'nothing'}
            },
            ('PATCH', '/v1/workers/{name}'): {'worker': {'state': 'enabled'}},
        }

    def assess(self):
        """Return the id of an assessment that has ended."""
        made = self.member.migration.create_assessment(
            source_id=self.source.id, all=True
        )
        made = wait.assessed(self.member.migration, made)
        self.addCleanup(self.member.migration.delete_assessment, made.id)
        return made.id

    def grant(self):
        """Return the id of a grant to a project that is not here."""
        client = self.admin.migration
        made = client.create_grant(
            self.source, project_id='nobody', tags=['none']
        )
        self.addCleanup(client.delete_grant, made, self.source)
        return made.id

    def map(self):
        """Return the id of a mapping."""
        client = self.manager.migration
        made = client.create_mapping(source_id=self.source.id, name='map')
        self.addCleanup(client.delete_mapping, made.id)
        return made.id

    def plan(self):
        """Return the id of a draft."""
        plan = self.manager.migration.create_plan(**self.plan_attributes())
        self.addCleanup(self.manager.migration.delete_plan, plan.id)
        return plan.id

    def plan_attributes(self):
        machines = [{'machine_id': self.migration.machine_id}]
        return {
            'name': 'isolation',
            'source_id': self.source.id,
            'waves': [{'name': 'one', 'machines': machines}],
        }

    def ask(self, method, path, user):
        body = self.bodies.get((method, path))
        headers = {'OpenStack-API-Version': 'migration 1.0'}
        if user:
            headers['X-Auth-Token'] = self.tokens[user]
        return requests.request(
            method,
            settings.url('migrate', path.format_map(self.names)),
            json=body,
            headers=headers,
            timeout=60,
        )

    def test_table_holds_every_route(self):
        document = self.ask('GET', '/v1/openapi.json', None).json()
        routes = {
            (method.upper(), path)
            for path, methods in document['paths'].items()
            for method in methods
        }
        table = {(method, path) for method, path, _who in ROUTES}
        self.assertEqual(table, routes - PUBLIC)

    def test_anonymous_is_asked_who_it_is(self):
        for method, path, _who in ROUTES:
            with self.subTest(method=method, path=path):
                answer = self.ask(method, path, None)
                self.assertEqual(401, answer.status_code)
                self.assertTrue(answer.json()['message'])

    def test_personas(self):
        """Allowed, or 403 in the own project."""
        for user in ('reader-a', 'member-a', 'manager-a', 'admin'):
            for method, path, who in ROUTES:
                if path.endswith('/cancel') and who in ROLES[user]:
                    continue  # test_other_tenant ends with it
                if (method, path) in KEPT and who in ROLES[user]:
                    continue
                if user == 'admin' and path in OWN and method == 'POST':
                    continue  # would create in the project admin
                with self.subTest(user=user, method=method, path=path):
                    answer = self.ask(method, path, user)
                    allowed = who in ROLES[user]
                    self.forget(answer)
                    if allowed and '{rehearsal_id}' in path:
                        self.assertEqual(404, answer.status_code)
                    elif allowed:
                        self.assertIn(
                            answer.status_code,
                            (200, 201, 202, 409),
                            answer.text,
                        )
                    else:
                        self.assertEqual(403, answer.status_code, answer.text)

    def forget(self, answer):
        """Remove what a persona was allowed to create."""
        if answer.request.method == 'POST' and answer.status_code == 201:
            client = self.manager.migration
            for name, made in answer.json().items():
                if name == 'grant':
                    self.admin.migration.delete_grant(made['id'], self.source)
                else:
                    getattr(client, f'delete_{name}')(made['id'])
        if answer.request.method == 'POST' and answer.status_code == 202:
            source = answer.json().get('source', {})
            if source.get('name') == 'isolation':
                tenants.settled(
                    self.manager, self.manager.migration.get_source(source)
                )
                self.manager.migration.delete_source(source['id'])

    def test_other_tenant(self):
        """404 on what is tenant-a's, and nothing of it in any list."""
        for method, path, _who in ROUTES:
            with self.subTest(method=method, path=path):
                answer = self.ask(method, path, 'member-b')
                if path in GLOBAL or (method, path) in MANAGED:
                    self.assertEqual(403, answer.status_code, answer.text)
                elif path in OWN and method == 'GET':
                    self.assertEqual(200, answer.status_code)
                    self.assertNotIn(self.source.id, answer.text)
                    self.assertNotIn(self.migration.id, answer.text)
                    self.assertNotIn(self.names['assessment_id'], answer.text)
                    self.assertNotIn(self.names['mapping_id'], answer.text)
                    self.assertNotIn(self.names['plan_id'], answer.text)
                else:
                    self.assertEqual(404, answer.status_code, answer.text)
        self.assertEqual('running', self.get(self.migration.id).status)

    def test_other_tenant_cannot_widen_a_list(self):
        for path in LISTS:
            answer = self.ask('GET', f'{path}?all_projects=true', 'member-b')
            self.assertEqual(403, answer.status_code, answer.text)

    def test_infrastructure_is_not_told(self):
        """The worker's name is for operators."""
        path = '/v1/migrations/{migration_id}'
        member = self.ask('GET', path, 'member-a').json()['migration']
        admin = self.ask('GET', path, 'admin').json()['migration']
        self.assertIsNone(member['worker'])
        self.assertIn(admin['worker'], ('node-1', 'node-2'))
