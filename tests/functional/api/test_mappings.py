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

"""Mappings over HTTP, and what is made with them."""

from oslo_utils import uuidutils

from tests.functional.api import base

ENTRY = {'source': 'network-1', 'network_id': base.TARGET}
OTHER = '9d0e7a4e-0f2b-4f6a-8a55-0a7f5a3c1d22'


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.source_id = self.api.ready_source()

    def send(self, method, path='', role='manager', **values):
        body = {'mapping': values} if values else None
        return self.api.request(method, f'/v1/mappings{path}', role, json=body)

    def create(self, **values):
        values = {'source_id': self.source_id, 'name': 'dmz'} | values
        response = self.send('POST', **values)
        self.assertEqual(201, response.status_code, response.text)
        return response.json['mapping']

    def migrate(self, **values):
        body = {'source_id': self.source_id, 'machine_id': 'vm-1'} | values
        return self.api.request(
            'POST', '/v1/migrations', 'member', json={'migration': body}
        )


class TestMappings(TestCase):
    def test_what_is_not_said_has_the_defaults_of_migrations(self):
        made = self.create(networks=[ENTRY], key_name='ann')
        self.assertEqual([ENTRY], made['networks'])
        self.assertEqual(
            ('ann', None, True, {}),
            tuple(
                made[name]
                for name in ('key_name', 'flavor_id', 'keep_ip', 'metadata')
            ),
        )
        shown = self.send('GET', f'/{made["id"]}').json['mapping']
        self.assertEqual(made, shown)

    def test_only_what_the_source_has_is_mapped(self):
        for field, entry in (
            ('networks', ENTRY | {'source': 'network-9'}),
            ('volume_types', {'datastore': 'x', 'volume_type': 'y'}),
        ):
            values = {'source_id': self.source_id, 'name': 'x'}
            values[field] = [entry]
            response = self.send('POST', **values)
            text = f'mapping.{field}.0.'
            self.assert_error(response, 400, 'migration.bad_request', text)
        made = self.create()
        response = self.send('PATCH', f'/{made["id"]}', networks=[ENTRY] * 2)
        self.assert_error(response, 400, 'migration.bad_request', 'twice')

    def test_a_change_replaces_what_it_names(self):
        made = self.create(networks=[ENTRY], key_name='ann', keep_ip=False)
        path = f'/{made["id"]}'
        changed = self.send('PATCH', path, key_name=None, name='new').json
        expected = made | {'key_name': None, 'name': 'new'}
        expected['updated_at'] = changed['mapping']['updated_at']
        self.assertEqual(expected, changed['mapping'])
        self.assertEqual(204, self.send('DELETE', path).status_code)
        self.assertEqual(404, self.send('GET', path).status_code)

    def test_lists_by_source_and_name(self):
        first = self.create(name='one')
        second = self.create(name='two')
        found = self.send('GET', '?name=two').json['mappings']
        self.assertEqual([second['id']], [row['id'] for row in found])
        query = f'?source_id={self.source_id}&limit=1&sort_key=name'
        page = self.send('GET', query).json
        self.assertEqual(
            [first['id']], [row['id'] for row in page['mappings']]
        )
        self.assertIn('mappings_links', page)

    def test_it_goes_with_its_source(self):
        made = self.create()
        self.api.request('DELETE', f'/v1/sources/{self.source_id}')
        response = self.send('GET', f'/{made["id"]}')
        self.assertEqual(404, response.status_code)


class TestUnmapped(TestCase):
    def setUp(self):
        super().setUp()
        self.mapping = self.create()

    def unmapped(self, **values):
        return self.api.request(
            'POST',
            f'/v1/mappings/{self.mapping["id"]}/unmapped',
            'reader',
            json={'unmapped': values},
        )

    def test_all_machines(self):
        found = self.unmapped(all=True).json['unmapped']
        networks = [
            {
                'source': 'network-1',
                'name': 'VM Network',
                'machine_ids': ['vm-1'],
            }
        ]
        self.assertEqual(
            (1, networks), (found['machine_count'], found['networks'])
        )
        path = f'/{self.mapping["id"]}'
        self.send('PATCH', path, networks=[ENTRY], volume_type='fast')
        found = self.unmapped(machine_ids=['vm-1']).json['unmapped']
        self.assertEqual(([], []), (found['networks'], found['datastores']))

    def test_wishes_that_cannot_be(self):
        for wish in ({}, {'all': True, 'machine_ids': ['vm-1']}):
            response = self.unmapped(**wish)
            self.assert_error(response, 400, 'migration.bad_request', 'either')
        response = self.unmapped(machine_ids=['vm-9'])
        self.assert_error(response, 404, 'machine.not_found', 'vm-9')


class TestUse(TestCase):
    def test_a_migration_copies_what_it_says(self):
        made = self.create(
            networks=[ENTRY | {'keep_mac': False}],
            volume_type='fast',
            metadata={'a': 'b'},
        )
        response = self.migrate(
            mapping_id=made['id'], metadata={'c': 'd'}, volume_type=None
        )
        self.assertEqual(202, response.status_code, response.text)
        migration = response.json['migration']
        self.assertEqual(made['id'], migration['mapping_id'])
        self.assertEqual(made['networks'], migration['networks'])
        self.assertEqual({'a': 'b', 'c': 'd'}, migration['metadata'])
        self.assertIsNone(migration['volume_type'])
        self.send('DELETE', f'/{made["id"]}')
        path = f'/v1/migrations/{migration["id"]}'
        shown = self.api.request('GET', path).json['migration']
        self.assertEqual(made['networks'], shown['networks'])

    def test_an_assessment_takes_it(self):
        made = self.create(networks=[ENTRY], key_name='ann')
        values = {'source_id': self.source_id, 'all': True, 'keep_ip': False}
        response = self.api.request(
            'POST',
            '/v1/assessments',
            'member',
            json={'assessment': values | {'mapping_id': made['id']}},
        )
        self.assertEqual(202, response.status_code, response.text)
        shown = response.json['assessment']
        self.assertEqual(
            ([ENTRY], 'ann', False, made['id']),
            tuple(
                shown[name]
                for name in ('networks', 'key_name', 'keep_ip', 'mapping_id')
            ),
        )

    def test_a_machine_on_a_network_that_is_not_mapped(self):
        made = self.create()
        response = self.migrate(mapping_id=made['id'])
        self.assert_error(response, 400, 'migration.network_unmapped')

    def test_networks_or_a_mapping(self):
        for values in ({}, {'mapping_id': None}):
            response = self.migrate(**values)
            self.assert_error(
                response, 400, 'migration.bad_request', 'missing'
            )

    def test_a_mapping_of_another_source(self):
        made = self.create(source_id=self.api.ready_source())
        response = self.migrate(mapping_id=made['id'])
        self.assert_error(response, 400, 'migration.bad_request', 'another')

    def test_a_mapping_of_another_project(self):
        made = self.create(networks=[ENTRY])
        for id in (made['id'], uuidutils.generate_uuid()):
            body = {
                'source_id': self.source_id,
                'machine_id': 'vm-1',
                'mapping_id': id,
            }
            response = self.api.request(
                *('POST', '/v1/migrations', 'admin', 'project-b'),
                json={'migration': body},
            )
            self.assertEqual(404, response.status_code, response.text)

    def test_too_much_together(self):
        made = self.create(
            networks=[ENTRY], metadata={f'a{n}': 'x' for n in range(64)}
        )
        response = self.migrate(mapping_id=made['id'], metadata={'b': 'y'})
        self.assert_error(response, 400, 'migration.bad_request', 'metadata')
