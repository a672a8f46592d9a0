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


"""Commands on the inventory of a source."""

from tests.unit.client import base
from tests.unit.client import shapes

SOURCE = f'{base.MIGRATION}/v1/sources/s1'
MACHINES = f'{SOURCE}/machines'


class TestInventory(base.TestCase):
    def setUp(self):
        super().setUp()
        self.web.get(SOURCE, json={'source': shapes.source()})
        self.web.get(MACHINES, json={'machines': [shapes.machine()]})
        self.web.get(f'{MACHINES}/vm-1', json={'machine': shapes.machine()})

    def test_list_in_bytes_for_programs(self):
        rows = self.succeed('machine', 'list', '--source', 's1', '-f', 'json')
        self.assertEqual(3 * shapes.GIB, rows[0]['Size'])
        self.assertEqual(2048, rows[0]['Memory'])
        self.assertEqual(1, rows[0]['Disks'])

    def test_list_in_units_for_people(self):
        out = self.succeed('machine', 'list', '--source', 's1')
        row = out.splitlines()[3]
        self.assertEqual(
            ['2', '2.0 GiB', '1', '3.0 GiB', '1'],
            [cell.strip() for cell in row.split('|')][5:-1],
        )

    def test_list_filters(self):
        self.succeed(
            *('machine', 'list', '--source', 's1', '--power-state', 'off'),
            *('--folder', '/DC/vm/Web Servers', '--cluster', 'c1'),
            *('--tag', 'prod', '--guest-family', 'linux', '--name', 'web'),
            *('--long', '-f', 'json'),
        )
        self.assertEqual(
            [
                {
                    'power_state': ['off'],
                    'folder': ['/DC/vm/Web Servers'],
                    'cluster': ['c1'],
                    'tag': ['prod'],
                    'guest_family': ['linux'],
                    'name': ['web'],
                }
            ],
            self.queries('/v1/sources/s1/machines'),
        )

    def test_list_follows_the_pages(self):
        link = {'rel': 'next', 'href': '/v1/sources/s1/machines?marker=vm-1'}
        self.web.get(
            MACHINES,
            [
                {
                    'json': {
                        'machines': [shapes.machine()],
                        'machines_links': [link],
                    }
                },
                {'json': {'machines': [shapes.machine(id='vm-2')]}},
            ],
        )
        rows = self.succeed('machine', 'list', '--source', 's1', '-f', 'json')
        self.assertEqual(['vm-1', 'vm-2'], [row['ID'] for row in rows])

    def test_show_by_a_name_that_cannot_be_a_url(self):
        name = 'Büro / 1. OG'
        self.web.get(
            MACHINES,
            json={'machines': [shapes.machine(id='vm-9', name=name)]},
        )
        shown = self.succeed(
            'machine', 'show', '--source', 's1', name, '-f', 'json'
        )
        self.assertEqual('vm-9', shown['id'])
        self.assertEqual(3 * shapes.GIB, shown['disks'][0]['size'])
        self.assertEqual(
            [{'name': [name]}], self.queries('/v1/sources/s1/machines')
        )

    def test_show_for_people(self):
        out = self.succeed('machine', 'show', '--source', 's1', 'vm-1')
        self.assertIn('label Hard disk 1, size 3.0 GiB', out)

    def test_networks_and_datastores(self):
        self.web.get(
            f'{SOURCE}/networks',
            json={'networks': [{'id': 'net-1', 'name': 'VM Network'}]},
        )
        store = {'id': 'ds-1', 'name': 'nfs', 'kind': 'NFS', 'capacity': 10}
        self.web.get(
            f'{SOURCE}/datastores',
            json={'datastores': [store | {'free': 5}]},
        )
        self.assertEqual(
            [{'ID': 'net-1', 'Name': 'VM Network', 'VLAN': None}],
            self.succeed('source', 'network', 'list', 's1', '-f', 'json'),
        )
        self.assertEqual(
            [
                {
                    'ID': 'ds-1',
                    'Name': 'nfs',
                    'Kind': 'NFS',
                    'Capacity': 10,
                    'Free': 5,
                }
            ],
            self.succeed('source', 'datastore', 'list', 's1', '-f', 'json'),
        )
