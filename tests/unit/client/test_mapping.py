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

"""Commands on mappings, and the files that they read and write."""

import json
import pathlib

import fixtures
import yaml

from tests.unit.client import base
from tests.unit.client import shapes

SAMPLES = pathlib.Path(__file__).parents[3] / 'api-ref/source/samples'
V1 = f'{base.MIGRATION}/v1'
TARGET = '2b1a4c3e-5c0f-4a0e-8f5f-0d9d4a3a1b2c'
GROUP = '7a1f0d52-6c7f-4f0a-9d3a-21c9d1c0a8b4'


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        text = (SAMPLES / 'mapping-show.json').read_text()
        self.one = json.loads(text)['mapping']
        self.one['source_id'] = 's1'
        self.path = f'/v1/mappings/{self.one["id"]}'
        self.web.get(f'{V1}/sources/s1', json={'source': shapes.source()})
        self.web.get(f'{V1}/sources/vc', status_code=404, json={})
        self.web.get(f'{V1}/sources', json={'sources': [shapes.source()]})
        self.listed('networks', 'network-7', 'VM Network')
        self.listed('datastores', 'datastore-3', 'nfs-1')
        self.named(f'{base.NETWORK}/v2.0/networks', TARGET, 'private')
        self.named(f'{base.NETWORK}/v2.0/security-groups', GROUP, 'web')
        self.web.get(
            f'{base.MIGRATION}{self.path}', json={'mapping': self.one}
        )
        self.web.get(f'{V1}/mappings', json={'mappings': [self.one]})
        self.web.get(f'{V1}/mappings/dmz', status_code=404, json={})
        for method in ('POST', 'PATCH'):
            url = base.MIGRATION + self.path
            self.web.register_uri(
                method,
                f'{V1}/mappings' if method == 'POST' else url,
                json={'mapping': self.one},
            )

    def listed(self, plural, id, name):
        """Let the source have one thing."""
        items = [{'id': id, 'key': id, 'name': name}]
        self.web.get(f'{V1}/sources/s1/{plural}', json={plural: items})

    def named(self, url, id, name):
        """Let Neutron have one thing, by id and by name."""
        plural = url.rpartition('/')[2].replace('-', '_')
        thing = {'id': id, 'name': name}
        self.web.get(url, json={plural: [thing]})
        self.web.get(f'{url}/{name}', status_code=404, json={})
        self.web.get(f'{url}/{id}', json={plural.removesuffix('s'): thing})

    def file(self, text):
        path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (path / 'mapping.yaml').write_text(text)
        return str(path / 'mapping.yaml')

    def created(self, *argv):
        self.succeed('mapping', 'create', *argv)
        return self.sent('POST', '/v1/mappings')[-1]['mapping']

    def refused(self, *argv):
        code, _out, err = self.run_command('mapping', 'create', *argv)
        self.assertEqual(1, code)
        self.assertEqual([], self.sent('POST', '/v1/mappings'))
        return err


class TestCreate(TestCase):
    def test_by_options(self):
        body = self.created(
            *('dmz', '--source', 'vc', '--network', 'VM Network=private'),
            *('--new-ip', 'VM Network', '--volume-type', 'standard'),
            *('--volume-type-map', 'nfs-1=fast', '--security-group', 'web'),
        )
        self.assertEqual(
            {
                'name': 'dmz',
                'source_id': 's1',
                'networks': [
                    {
                        'source': 'network-7',
                        'network_id': TARGET,
                        'subnet_id': None,
                        'keep_ip': False,
                    }
                ],
                'volume_type': 'standard',
                'volume_types': [
                    {'datastore': 'datastore-3', 'volume_type': 'fast'}
                ],
                'security_groups': [GROUP],
            },
            body,
        )

    def test_new_addresses_need_a_network(self):
        err = self.refused('dmz', '--source', 'vc', '--new-mac', 'x')
        self.assertIn('x is named by --new-ip or --new-mac', err)

    def test_name_and_source(self):
        self.assertIn('Give a name', self.refused('--source', 'vc'))
        self.assertIn('Give --source', self.refused('dmz'))

    def test_what_is_exported_is_imported_equal(self):
        text = self.succeed('mapping', 'export', 'dmz')
        said = yaml.safe_load(text)
        self.assertEqual(
            ('vc', 'private', 'nfs-1', ['web']),
            (
                said['source'],
                said['networks'][0]['network'],
                said['volume_types'][0]['datastore'],
                said['security_groups'],
            ),
        )
        body = self.created('--file', self.file(text))
        left_out = {'id', 'created_at', 'updated_at', 'project_id', 'user_id'}
        for name in self.one.keys() - left_out:
            self.assertEqual(self.one[name], body.get(name), name)

    def test_options_win_over_the_file(self):
        text = self.succeed('mapping', 'export', 'dmz')
        body = self.created(
            *('other', '--file', self.file(text), '--volume-type', 'new'),
            *('--network', 'VM Network=private'),
        )
        self.assertEqual(('other', 'new'), (body['name'], body['volume_type']))
        (entry,) = body['networks']
        self.assertNotIn('keep_ip', entry)

    def test_files_that_are_none(self):
        for text, told in (
            ('- a', 'the file must be a mapping of keys'),
            ('nets: []', 'nets in the file is not known'),
            ('networks: {a: b}', 'networks must be a list'),
            ('networks: [a]', 'an entry of networks must be a mapping'),
            ('networks: [{source: a}]', 'lacks network'),
            ('networks: [{source: a, network: b, ip: c}]', 'ip in an entry'),
            ('volume_types: [{datastore: a}]', 'lacks volume_type'),
            ('a: [', 'mapping.yaml: '),
        ):
            err = self.refused(
                'x', '--source', 's1', '--file', self.file(text)
            )
            self.assertIn(told, err)


class TestMapping(TestCase):
    def test_list_and_show(self):
        (row,) = self.succeed('mapping', 'list', '-f', 'json')
        self.assertEqual(('dmz', 1), (row['Name'], row['Networks']))
        shown = self.succeed('mapping', 'show', 'dmz', '-f', 'json')
        self.assertEqual(self.one['networks'], shown['networks'])

    def test_set_adds_to_lists(self):
        self.listed('networks', 'network-8', 'Backup')
        self.succeed(
            *('mapping', 'set', 'dmz', '--network', 'Backup=private'),
            *('--property', 'a=b', '--name', 'new'),
        )
        (body,) = self.sent('PATCH', self.path)
        self.assertEqual(
            ['network-7', 'network-8'],
            [entry['source'] for entry in body['mapping']['networks']],
        )
        self.assertEqual(
            ({'moved': '2026', 'a': 'b'}, 'new'),
            (body['mapping']['metadata'], body['mapping']['name']),
        )
        self.assertNotIn('volume_types', body['mapping'])

    def test_delete(self):
        self.web.delete(base.MIGRATION + self.path, status_code=204)
        self.succeed('mapping', 'delete', 'dmz')
        self.assertEqual([None], self.sent('DELETE', self.path))

    def test_unmapped(self):
        text = (SAMPLES / 'mapping-unmapped-response.json').read_text()
        self.web.post(
            f'{base.MIGRATION}{self.path}/unmapped', json=json.loads(text)
        )
        (row,) = self.succeed('mapping', 'unmapped', 'dmz', '-f', 'json')
        self.assertEqual(
            {
                'Kind': 'network',
                'Name': 'Backup',
                'ID': 'network-9',
                'Machines': ['vm-43'],
            },
            row,
        )
        self.web.get(
            f'{V1}/sources/s1/machines/web', json={'machine': shapes.machine()}
        )
        self.succeed('mapping', 'unmapped', 'dmz', 'web')
        self.assertEqual(
            [{'all': True}, {'machine_ids': ['vm-1']}],
            [
                body['unmapped']
                for body in self.sent('POST', f'{self.path}/unmapped')
            ],
        )


class TestUse(TestCase):
    def test_create_takes_a_mapping(self):
        self.web.get(
            f'{V1}/sources/s1/machines/vm-1',
            json={'machine': shapes.machine()},
        )
        self.web.post(
            f'{V1}/migrations',
            status_code=202,
            json={'migration': shapes.migration()},
        )
        self.succeed(
            *('create', '--source', 's1', '--machine', 'vm-1'),
            *('--mapping', 'dmz'),
        )
        (body,) = self.sent('POST', '/v1/migrations')
        self.assertEqual(self.one['id'], body['migration']['mapping_id'])

    def test_assess_takes_mapping_and_its_source(self):
        self.web.post(f'{V1}/assessments', status_code=403, json={})
        self.run_command('assess', '--all', '--mapping', 'dmz')
        (body,) = self.sent('POST', '/v1/assessments')
        self.assertEqual(
            ('s1', self.one['id']),
            (
                body['assessment']['source_id'],
                body['assessment']['mapping_id'],
            ),
        )


class TestSuggest(TestCase):
    def setUp(self):
        super().setUp()
        self.listed('networks', 'net-1', 'Private')
        self.web.get(
            f'{V1}/sources/s1/machines',
            json={'machines': [shapes.machine(nics=[])]},
        )
        self.web.get(f'{base.NETWORK}/v2.0/subnets', json={'subnets': []})
        self.web.get(
            f'{base.VOLUME}/v3/types',
            json={'volume_types': [{'id': 't1', 'name': 'NFS-1'}]},
        )

    def test_a_table_and_a_file_that_can_be_read_again(self):
        path = self.file('')
        rows = self.succeed(
            *('mapping', 'suggest', 's1', '--write', path, '-f', 'json')
        )
        self.assertEqual(
            [('Private', 'private', ['name']), ('nfs-1', 'NFS-1', ['name'])],
            [(row['Name'], row['Suggestion'], row['By']) for row in rows],
        )
        self.assertEqual([], self.sent('POST', '/v1/mappings'))
        body = self.created('--file', path, '--source', 's1')
        self.assertEqual(
            ('vc-suggested', TARGET, 'NFS-1'),
            (
                body['name'],
                body['networks'][0]['network_id'],
                body['volume_types'][0]['volume_type'],
            ),
        )

    def test_what_was_not_found_is_told_in_the_file(self):
        self.listed('networks', 'net-1', 'Backup')
        path = self.file('')
        self.succeed('mapping', 'suggest', 's1', '--write', path)
        text = pathlib.Path(path).read_text()
        self.assertIn("# network 'Backup' (net-1)", text)
        self.assertEqual([], yaml.safe_load(text)['networks'])
