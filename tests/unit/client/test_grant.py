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

"""Commands on grants."""

import json
import pathlib

from tests.unit.client import base
from tests.unit.client import shapes

SAMPLES = pathlib.Path(__file__).parents[3] / 'api-ref/source/samples'
GRANTS = '/v1/sources/s1/grants'
PROJECT = '3c2b1a0f9e8d4c7ba6f5e4d3c2b1a09f'


class TestGrant(base.TestCase):
    def setUp(self):
        super().setUp()
        text = (SAMPLES / 'grant-show.json').read_text()
        self.one = json.loads(text)['grant']
        self.path = f'{GRANTS}/{self.one["id"]}'
        source = f'{base.MIGRATION}/v1/sources/s1'
        self.web.get(source, json={'source': shapes.source()})
        url = base.MIGRATION + GRANTS
        self.web.get(url, json={'grants': [self.one]})
        self.web.post(url, status_code=201, json={'grant': self.one})
        self.web.get(base.MIGRATION + self.path, json={'grant': self.one})
        self.web.delete(base.MIGRATION + self.path, status_code=204)

    def run_grant(self, *argv):
        return self.succeed('source', 'grant', *argv)

    def test_list_and_show(self):
        (row,) = self.run_grant('list', 's1', '-f', 'json')
        self.assertEqual((PROJECT, 12), (row['Project ID'], row['Machines']))
        shown = self.run_grant('show', 's1', self.one['id'], '-f', 'json')
        self.assertEqual(
            self.one, shown | {'source_id': self.one['source_id']}
        )

    def test_create(self):
        self.web.get(
            f'{base.KEYSTONE}/projects/{PROJECT}',
            json={'project': {'id': PROJECT, 'name': 'shop'}},
        )
        self.run_grant(
            *('create', 's1', PROJECT, '--folder', '/dc-1/vm/shop'),
            *('--tag', 'tenant:shop', '--tag', 'env:prod'),
        )
        (body,) = self.sent('POST', GRANTS)
        self.assertEqual(
            {
                'project_id': PROJECT,
                'folders': ['/dc-1/vm/shop'],
                'tags': ['tenant:shop', 'env:prod'],
                'resource_pools': [],
            },
            body['grant'],
        )

    def test_an_unknown_project(self):
        self.web.get(f'{base.KEYSTONE}/projects/x', status_code=404, json={})
        self.web.get(f'{base.KEYSTONE}/projects', json={'projects': []})
        code, _out, err = self.run_command(
            'source', 'grant', 'create', 's1', 'x'
        )
        self.assertEqual(1, code)
        self.assertIn('No project has the name or id x.', err)
        self.assertEqual([], self.sent('POST', GRANTS))

    def test_delete(self):
        self.run_grant('delete', 's1', self.one['id'])
        self.run_grant('delete', 's1', self.one['id'], '--force')
        queries = [
            request.qs
            for request in self.web.request_history
            if request.method == 'DELETE'
        ]
        self.assertEqual([{}, {'force': ['true']}], queries)
