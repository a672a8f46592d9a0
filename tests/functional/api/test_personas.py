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

"""Who may do what: every route as every persona."""

import re

from migrate_service import policies
from migrate_service.api import app
from migrate_service.api import auth
from migrate_service.db import models
from migrate_service.db import planned
from migrate_service.db.api import leases
from migrate_service.db.api import rehearsals as rehearsals_db
from migrate_service.db.api import workers as workers_db
from migrate_service.plans import states as plan_states
from tests.functional.api import base
from tests.functional.api import test_cutover

READER = ('reader', 'member', 'manager')
MEMBER = ('member', 'manager')
MANAGER = ('manager',)
ADMIN = ()
SOURCE = '/v1/sources/{source_id}'
GRANT = f'{SOURCE}/grants/{{grant_id}}'
MIGRATION = '/v1/migrations/{migration_id}'
ASSESSMENT = '/v1/assessments/{assessment_id}'
MAPPING = '/v1/mappings/{mapping_id}'
PLAN = '/v1/plans/{plan_id}'

#: Who of the project may; administrators may do everything. The last column
#: is the body of the request.
TABLE = {
    ('GET', '/v1/sources'): (READER, None),
    ('POST', '/v1/sources'): (MANAGER, {'source': base.SOURCE}),
    ('GET', SOURCE): (READER, None),
    ('PATCH', SOURCE): (MANAGER, {'source': {'name': 'new'}}),
    ('DELETE', SOURCE): (MANAGER, None),
    ('POST', f'{SOURCE}/refresh'): (MANAGER, None),
    ('GET', f'{SOURCE}/grants'): (ADMIN, None),
    ('POST', f'{SOURCE}/grants'): (
        ADMIN,
        {'grant': {'project_id': 'project-c', 'tags': ['x']}},
    ),
    ('GET', GRANT): (ADMIN, None),
    ('DELETE', GRANT): (ADMIN, None),
    ('GET', f'{SOURCE}/machines'): (READER, None),
    ('GET', f'{SOURCE}/machines/{{machine_id}}'): (READER, None),
    ('GET', f'{SOURCE}/networks'): (READER, None),
    ('GET', f'{SOURCE}/datastores'): (READER, None),
    ('GET', '/v1/mappings'): (READER, None),
    ('POST', '/v1/mappings'): (
        MANAGER,
        {'mapping': {'source_id': '{source_id}', 'name': 'dmz'}},
    ),
    ('GET', MAPPING): (READER, None),
    ('PATCH', MAPPING): (MANAGER, {'mapping': {'keep_ip': False}}),
    ('DELETE', MAPPING): (MANAGER, None),
    ('POST', f'{MAPPING}/unmapped'): (READER, {'unmapped': {'all': True}}),
    ('GET', '/v1/assessments'): (READER, None),
    ('POST', '/v1/assessments'): (
        MEMBER,
        {'assessment': {'source_id': '{source_id}', 'all': True}},
    ),
    ('GET', ASSESSMENT): (READER, None),
    ('GET', f'{ASSESSMENT}/machines'): (READER, None),
    ('DELETE', ASSESSMENT): (MEMBER, None),
    ('GET', '/v1/plans'): (READER, None),
    ('POST', '/v1/plans'): (
        MANAGER,
        {
            'plan': {
                'name': 'night',
                'source_id': '{source_id}',
                'waves': [{'name': 'w', 'machines': [{'machine_id': 'vm-2'}]}],
            }
        },
    ),
    ('GET', PLAN): (READER, None),
    ('PATCH', PLAN): (MANAGER, {'plan': {'name': 'new'}}),
    ('DELETE', PLAN): (MANAGER, None),
    ('GET', f'{PLAN}/machines'): (READER, None),
    ('GET', f'{PLAN}/events'): (READER, None),
    ('GET', f'{PLAN}/simulation'): (READER, None),
    ('POST', f'{PLAN}/start'): (MANAGER, None),
    ('POST', f'{PLAN}/pause'): (MANAGER, None),
    ('POST', f'{PLAN}/resume'): (MANAGER, None),
    ('POST', f'{PLAN}/cutover'): (MANAGER, None),
    ('POST', f'{PLAN}/cancel'): (MANAGER, None),
    ('GET', '/v1/migrations'): (READER, None),
    ('POST', '/v1/migrations'): (
        MEMBER,
        {
            'migration': {
                'source_id': '{source_id}',
                'machine_id': 'vm-2',
                'networks': [
                    {'source': 'network-1', 'network_id': base.TARGET}
                ],
            }
        },
    ),
    ('GET', MIGRATION): (READER, None),
    ('DELETE', MIGRATION): (MEMBER, None),
    ('POST', f'{MIGRATION}/cancel'): (MEMBER, None),
    ('POST', f'{MIGRATION}/retry'): (MEMBER, None),
    ('POST', f'{MIGRATION}/cutover'): (MEMBER, {'cutover': {}}),
    ('DELETE', f'{MIGRATION}/cutover'): (MEMBER, None),
    ('POST', f'{MIGRATION}/sync'): (MEMBER, None),
    ('POST', f'{MIGRATION}/rehearse'): (MEMBER, {'rehearsal': {}}),
    ('GET', f'{MIGRATION}/rehearsals'): (READER, None),
    ('GET', f'{MIGRATION}/rehearsals/{{rehearsal_id}}'): (READER, None),
    ('POST', f'{MIGRATION}/accept'): (MEMBER, None),
    ('POST', f'{MIGRATION}/rollback'): (MEMBER, {'rollback': {}}),
    ('POST', f'{MIGRATION}/prepare'): (
        MEMBER,
        {'prepare': {'username': 'root', 'password': 'secret'}},
    ),
    ('GET', f'{MIGRATION}/events'): (READER, None),
    ('GET', f'{MIGRATION}/log'): (READER, None),
    ('GET', f'{MIGRATION}/manifest'): (READER, None),
    ('GET', '/v1/limits'): (READER, None),
    ('GET', '/v1/workers'): (ADMIN, None),
    ('GET', '/v1/workers/{name}'): (ADMIN, None),
    ('PATCH', '/v1/workers/{name}'): (
        ADMIN,
        {'worker': {'state': 'disabled'}},
    ),
}
#: Where a persona of another project is refused instead of told "not found".
UNOWNED = (
    '/v1/limits',
    '/v1/workers',
    '/v1/sources',
    '/v1/mappings',
    '/v1/assessments',
    '/v1/plans',
    '/v1/migrations',
)


class TestPersonas(base.TestCase):
    rehearsal_id = 'none'

    def setUp(self):
        super().setUp()
        self.source_id = self.api.ready_source(
            base.machine('vm-1'), base.machine('vm-2')
        )
        response = self.api.create_migration(self.source_id)
        self.migration_id = response.json['migration']['id']
        self.assessment_id = self.assess()
        self.mapping_id = self.map()
        self.plan_id = self.plan()
        self.grant_id = self.grant()
        workers_db.seen(
            self.context, 'node-1', {'incarnation': 'one', 'version': '1'}
        )

    def assess(self):
        body = {'assessment': {'source_id': self.source_id, 'all': True}}
        response = self.api.request(
            'POST', '/v1/assessments', 'member', json=body
        )
        return response.json['assessment']['id']

    def grant(self):
        body = {'grant': {'project_id': 'project-c', 'folders': ['/x']}}
        path = f'/v1/sources/{self.source_id}/grants'
        response = self.api.request('POST', path, 'admin', json=body)
        return response.json['grant']['id']

    def map(self):
        body = {'mapping': {'source_id': self.source_id, 'name': 'dmz'}}
        response = self.api.request('POST', '/v1/mappings', json=body)
        return response.json['mapping']['id']

    def plan(self):
        networks = [{'source': 'network-1', 'network_id': base.TARGET}]
        plan = {
            'name': 'night',
            'source_id': self.source_id,
            'options': {'networks': networks},
            'waves': [{'name': 'one', 'machines': [{'machine_id': 'vm-2'}]}],
        }
        response = self.api.request(
            'POST', '/v1/plans', 'manager', json={'plan': plan}
        )
        return response.json['plan']['id']

    def send(self, method, path, role, project, body):
        ids = {
            'source_id': self.source_id,
            'migration_id': self.migration_id,
            'assessment_id': self.assessment_id,
            'mapping_id': self.mapping_id,
            'plan_id': self.plan_id,
            'grant_id': self.grant_id,
            'machine_id': 'vm-1',
            'rehearsal_id': self.rehearsal_id,
            'name': 'node-1',
        }
        for name, values in (body or {}).items():
            if 'source_id' in values:
                body = {name: values | {'source_id': self.source_id}}
        return self.api.request(
            method, path.format(**ids), role, project, json=body
        ).status_code

    def rows(self):
        for (method, path), (allowed, body) in TABLE.items():
            yield method, path, allowed, body

    def test_the_table_is_of_all_routes(self):
        routes = set()
        for rule in app.flask_app(self.conf).url_map.iter_rules():
            if rule.endpoint not in auth.PUBLIC:
                path = re.sub(r'<(\w+)>', r'{\1}', rule.rule)
                for method in rule.methods - {'HEAD', 'OPTIONS'}:
                    routes.add((method, path))
        self.assertEqual(routes, set(TABLE))

    def test_every_route_has_a_rule_and_every_rule_a_route(self):
        described = {
            (operation['method'], operation['path'].split('?')[0])
            for rule in policies.list_rules()
            for operation in rule.operations
        }
        self.assertEqual(described, set(TABLE))

    def test_personas_of_the_project_who_may_not_are_refused(self):
        for method, path, allowed, body in self.rows():
            for role in set(READER) - set(allowed):
                status = self.send(method, path, role, 'project-a', body)
                self.assertEqual(403, status, (method, path, role))

    def test_a_role_that_is_no_persona_may_nothing(self):
        for method, path, _allowed, body in self.rows():
            status = self.send(method, path, 'service', 'project-a', body)
            self.assertEqual(403, status, (method, path))

    def test_nobody_is_refused(self):
        for method, path, _allowed, _body in self.rows():
            response = self.api.client.open(path, method=method)
            self.assertEqual(401, response.status_code, (method, path))

    def test_another_project_does_not_see_it(self):
        for method, path, _allowed, body in self.rows():
            if path.startswith('/v1/workers'):
                continue
            status = self.send(method, path, 'manager', 'project-b', body)
            if path in UNOWNED and method == 'GET':
                self.assertEqual(200, status, path)
            elif path == '/v1/sources':
                self.assertEqual(202, status)
            else:
                self.assertEqual(404, status, (method, path))
        for path in set(UNOWNED) - {'/v1/workers', '/v1/limits'}:
            name = path.removeprefix('/v1/')
            response = self.api.request(
                'GET', f'/v1/{name}', 'manager', 'project-b'
            )
            projects = {row['project_id'] for row in response.json[name]}
            self.assertLessEqual(projects, {'project-b'})

    def test_another_project_cannot_list_all(self):
        for name in (
            'sources',
            'mappings',
            'assessments',
            'plans',
            'migrations',
        ):
            for role in READER:
                response = self.api.request(
                    'GET', f'/v1/{name}?all_projects=true', role, 'project-b'
                )
                self.assert_error(response, 403, 'migration.forbidden')

    def test_personas_who_may_are_heard(self):
        for method, path, allowed, body in self.rows():
            for role in (*allowed, 'admin'):
                project = 'project-a' if role != 'admin' else 'admins'
                if method == 'POST' and (
                    path in UNOWNED or path == f'{PLAN}/start'
                ):
                    project = 'project-a'
                self.prepare(method, path)
                status = self.send(method, path, role, project, body)
                self.assertIn(
                    status, (200, 201, 202, 204), (method, path, role)
                )

    def add_rehearsal(self):
        values = {'kind': 'warm', 'status': 'waiting', 'step': 'precopy'}
        leases.update(
            self.context, models.Migration, self.migration_id, values
        )
        self.rehearsal_id = self.migration_id
        values = {
            'id': self.rehearsal_id,
            'migration_id': self.migration_id,
            'user_id': 'user-a',
            'options': {'network_id': None, 'probe': None},
        }
        rehearsals_db.request(self.context, values, models.now())

    def prepare_plan(self, path):
        """Make a plan in a status from which the action leads."""
        self.plan_id = self.plan()
        action = path.removeprefix(f'{PLAN}/')
        if path.startswith(PLAN) and action in plan_states.ACTIONS:
            (status, *_others), _after = plan_states.ACTIONS[action]
            values = {'status': status, 'kind': 'warm'}
            leases.update(self.context, planned.Plan, self.plan_id, values)

    def prepare(self, method, path):
        """Make rows with which the request can succeed."""
        self.source_id = self.api.ready_source(
            base.machine('vm-1'), base.machine('vm-2')
        )
        self.assessment_id = self.assess()
        self.mapping_id = self.map()
        self.prepare_plan(path)
        self.grant_id = self.grant()
        if not path.startswith(MIGRATION):
            return
        response = self.api.create_migration(self.source_id)
        self.migration_id = response.json['migration']['id']
        status = {'DELETE': 'completed'}.get(method, 'accepted')
        if path.endswith('/retry'):
            status = 'error'
        values = {'status': status}
        if path.endswith(('/cutover', '/sync', '/rehearse', '/prepare')):
            values = {
                'kind': 'warm',
                'status': 'running',
                'step': 'precopy',
                'progress': {'rounds': [test_cutover.ROUND]},
            }
        if path.endswith(('/accept', '/rollback')):
            values = {'status': 'waiting', 'step': 'await_acceptance'}
        leases.update(
            self.context, models.Migration, self.migration_id, values
        )
        if path.endswith('/{rehearsal_id}'):
            self.add_rehearsal()
