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


"""``migration create``: what is asked for, in names and ids."""

from tests.unit.client import base
from tests.unit.client import shapes

SOURCE = f'{base.MIGRATION}/v1/sources/s1'
CREATE = ('create', '--source', 's1', '--machine', 'vm-1')


class TestCreate(base.TestCase):
    def setUp(self):
        super().setUp()
        self.web.get(SOURCE, json={'source': shapes.source()})
        self.web.get(
            f'{SOURCE}/machines/vm-1', json={'machine': shapes.machine()}
        )
        self.named(f'{SOURCE}/networks', 'networks', 'net-1', 'VM Network')
        self.named(f'{SOURCE}/datastores', 'datastores', 'ds-1', 'fast')
        for plural, identity, name in (
            ('networks', 'n1', 'private'),
            ('subnets', 'sub1', 'v4'),
            ('security-groups', 'g1', 'web'),
        ):
            url = f'{base.NETWORK}/v2.0/{plural}'
            self.named(url, plural.replace('-', '_'), identity, name)
        for path in ('flavors', 'flavors/detail'):
            url = f'{base.COMPUTE}/{path}'
            self.named(url, 'flavors', 'f1', 'small')
        self.web.post(
            f'{base.MIGRATION}/v1/migrations',
            status_code=202,
            json={'migration': shapes.migration(status='accepted')},
        )

    def named(self, url, plural, identity, name, *more):
        """Let a service list one thing (and more) and know no other."""
        first = {'id': identity, 'name': name}
        if plural == 'flavors':
            first |= {'ram': 1, 'vcpus': 1, 'disk': 0}
        self.web.get(url, json={plural: [first, *more]})
        self.web.get(f'{url}/{name}', status_code=404, json={})
        self.web.get(f'{url}/absent', status_code=404, json={})
        self.web.get(
            f'{url}/{identity}', json={plural.removesuffix('s'): first}
        )

    def body(self, *argv):
        self.succeed(*CREATE, *argv)
        return self.sent('POST', '/v1/migrations')[-1]['migration']

    def refused(self, *argv):
        code, _, err = self.run_command(*CREATE, *argv)
        self.assertNotEqual(0, code)
        self.assertEqual([], self.sent('POST', '/v1/migrations'))
        return err

    def test_leaves_the_defaults_to_the_service(self):
        self.assertEqual(
            {'source_id': 's1', 'machine_id': 'vm-1', 'networks': []},
            self.body(),
        )

    def test_networks(self):
        for given, subnet in (
            ('VM Network=private', None),
            ('net-1=private', None),
            ('net-1=n1', None),
            ('VM Network=private:v4', 'sub1'),
            ('VM Network=n1:sub1', 'sub1'),
        ):
            self.assertEqual(
                [
                    {
                        'source': 'net-1',
                        'network_id': 'n1',
                        'subnet_id': subnet,
                    }
                ],
                self.body('--network', given)['networks'],
            )

    def test_probes(self):
        self.assertEqual(
            {'ping': True, 'tcp_port': 22, 'console': False, 'timeout': 90},
            self.body(
                *('--probe-ping', '--probe-tcp', '22', '--no-probe-console'),
                *('--probe-timeout', '90'),
            )['probe'],
        )

    def test_all_choices(self):
        body = self.body(
            *('--name', 'shop', '--volume-type', 'ssd', '--flavor', 'small'),
            *('--volume-type-map', 'fast=nvme', '--security-group', 'web'),
            *('--key-name', 'ann', '--availability-zone', 'az1'),
            *('--property', 'a=b', '--property', 'c=d'),
            *('--convert', 'minimal', '--verify-copy', 'full'),
            *('--transport', 'file', '--no-keep-mac', '--no-keep-ip'),
            *('--shutdown-timeout', '60', '--bandwidth-limit', '50M'),
        )
        self.assertEqual(
            {
                'source_id': 's1',
                'machine_id': 'vm-1',
                'name': 'shop',
                'networks': [],
                'volume_type': 'ssd',
                'volume_types': [{'datastore': 'ds-1', 'volume_type': 'nvme'}],
                'flavor_id': 'f1',
                'security_groups': ['g1'],
                'key_name': 'ann',
                'availability_zone': 'az1',
                'metadata': {'a': 'b', 'c': 'd'},
                'convert': 'minimal',
                'verify': 'full',
                'transport': 'file',
                'keep_mac': False,
                'keep_ip': False,
                'shutdown_timeout': 60,
                'bandwidth_limit': 50 * 1024**2,
            },
            body,
        )

    def test_rates(self):
        for given, rate in (
            ('1000', 1000),
            ('1k', 1024),
            ('2MiB', 2 * 1024**2),
            ('1G', 1024**3),
        ):
            body = self.body('--bandwidth-limit', given)
            self.assertEqual(rate, body['bandwidth_limit'])

    def test_unknown_names(self):
        for option, given, text in (
            ('--network', 'absent=private', 'vc has no network with'),
            ('--network', 'net-1=absent', 'No network has the name or id'),
            ('--network', 'net-1=private:absent', 'No subnet has the name'),
            ('--network', 'private', 'is not of the form'),
            ('--volume-type-map', 'absent=x', 'vc has no datastore with'),
            ('--flavor', 'absent', 'No flavor has the name or id absent.'),
            ('--security-group', 'absent', 'No security group has'),
            ('--bandwidth-limit', 'fast', 'is not a rate such as'),
        ):
            self.assertIn(text, self.refused(option, given))

    def test_ambiguous_networks(self):
        self.named(
            f'{SOURCE}/networks',
            *('networks', 'net-1', 'VM Network'),
            {'id': 'net-2', 'name': 'VM Network'},
        )
        self.assertIn(
            'The source vc has several networks named VM Network: net-1, '
            'net-2. Use the id of one of them.',
            self.refused('--network', 'VM Network=private'),
        )
        self.named(
            f'{base.NETWORK}/v2.0/networks',
            *('networks', 'n1', 'private'),
            {'id': 'n2', 'name': 'private'},
        )
        self.assertIn(
            'Several networks are named private; use the id',
            self.refused('--network', 'net-1=private'),
        )

    def test_refusal_of_the_service(self):
        self.web.post(
            f'{base.MIGRATION}/v1/migrations',
            status_code=400,
            json=shapes.error(
                'The network VM Network is not mapped.', 'Map it.'
            ),
        )
        code, _, err = self.run_command(*CREATE)
        self.assertEqual(1, code)
        self.assertEqual(
            'The network VM Network is not mapped. Map it. '
            '(Request id: req-1)\n',
            err,
        )
