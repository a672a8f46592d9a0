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


import json
import types

import requests
import testtools
from openstack import exceptions
from openstack.network.v2 import network
from openstack.network.v2 import port
from openstack.network.v2 import subnet

from migrate_service.drivers import base
from migrate_service.drivers.openstack import errors
from migrate_service.drivers.openstack import ports


def refusal(status, kind, message):
    response = requests.Response()
    response.status_code = status
    response.headers['Content-Type'] = 'application/json'
    response._content = json.dumps(
        {'NeutronError': {'type': kind, 'message': message, 'detail': ''}}
    ).encode()
    try:
        exceptions.raise_from_response(response)
    except exceptions.HttpException as error:
        return error


class Neutron:
    """A network with two subnets; knows what is taken and who owns it."""

    def __init__(self, taken=(), owner=True, room=10):
        self.taken = set(taken)
        self.owner = owner
        self.room = room
        self.made = []

    def find_network(self, id, ignore_missing):
        return network.Network(id=id)

    def subnets(self, network_id):
        return [
            subnet.Subnet(id='v4', cidr='192.0.2.0/24', ip_version=4),
            subnet.Subnet(id='v6', cidr='2001:db8::/64', ip_version=6),
        ]

    def ports(self, description):
        return [p for p in self.made if p.description == description]

    def create_port(self, **body):
        wanted = [
            entry['ip_address']
            for entry in body.get('fixed_ips', [])
            if 'ip_address' in entry
        ]
        if not self.room:
            raise refusal(409, 'OverQuota', 'Quota exceeded for port.')
        if not self.owner and (wanted or 'mac_address' in body):
            raise refusal(403, 'PolicyNotAuthorized', 'not allowed')
        if body.get('mac_address') in self.taken:
            raise refusal(409, 'MacAddressInUse', 'MAC in use')
        for ip in wanted:
            if ip in self.taken:
                raise refusal(
                    409, 'IpAddressAlreadyAllocated', f'{ip} is allocated'
                )
        body.setdefault('mac_address', 'fa:16:3e:00:00:01')
        body['fixed_ips'] = [
            {'ip_address': entry.get('ip_address', '192.0.2.200')}
            for entry in body.get('fixed_ips', [])
        ]
        made = port.Port(id=f'port-{len(self.made)}', **body)
        self.made.append(made)
        return made


class TestPorts(testtools.TestCase):
    def ensure(self, neutron, addresses=(), mac='00:50:56:00:00:01'):
        request = base.PortRequest(
            key='4000',
            name='nic',
            network_id='net',
            mac=mac,
            addresses=addresses,
        )
        return ports.ensure(
            types.SimpleNamespace(ports=neutron), request, 'owner'
        )

    def test_keeps_both_addresses(self):
        made = self.ensure(Neutron(), ('192.0.2.7', '2001:db8::7'))
        self.assertEqual('00:50:56:00:00:01', made['mac'])
        self.assertEqual(['192.0.2.7', '2001:db8::7'], made['addresses'])
        self.assertEqual([], made['warnings'])

    def test_found_again(self):
        neutron = Neutron()
        made = self.ensure(neutron)
        self.assertEqual(made['id'], self.ensure(neutron)['id'])
        self.assertEqual(1, len(neutron.made))

    def test_address_that_is_taken(self):
        made = self.ensure(Neutron(taken={'192.0.2.7'}), ('192.0.2.7',))
        self.assertEqual(['192.0.2.200'], made['addresses'])
        self.assertIn('192.0.2.7', made['warnings'][0])

    def test_address_outside(self):
        made = self.ensure(Neutron(), ('10.0.0.1', '192.0.2.7'))
        self.assertEqual(['192.0.2.7'], made['addresses'])
        self.assertIn('10.0.0.1', made['warnings'][0])

    def test_mac_that_is_taken(self):
        made = self.ensure(Neutron(taken={'00:50:56:00:00:01'}))
        self.assertEqual('fa:16:3e:00:00:01', made['mac'])
        self.assertEqual(1, len(made['warnings']))

    def test_network_of_somebody_else(self):
        made = self.ensure(Neutron(owner=False), ('192.0.2.7',))
        self.assertEqual('fa:16:3e:00:00:01', made['mac'])
        self.assertEqual(2, len(made['warnings']))

    def test_quota(self):
        self.assertRaises(
            errors.TargetQuotaExceeded, self.ensure, Neutron(room=0)
        )
