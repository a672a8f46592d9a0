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

"""Which networks and volume types are suggested for those of a source."""

import types

import testtools

from migrate_client.osc import suggestions


def thing(**values):
    return types.SimpleNamespace(**values)


def target(id, name, vlan=None):
    return thing(
        id=id,
        name=name,
        provider_network_type='vlan' if vlan else None,
        provider_segmentation_id=vlan,
    )


SUBNETS = [
    thing(id='s1', name='v4', network_id='t1', cidr='192.0.2.0/24'),
    thing(id='s2', name='v4', network_id='t2', cidr='198.51.100.0/24'),
]


class TestNetworks(testtools.TestCase):
    def suggest(self, targets, name='web', vlan=None, addresses=()):
        nic = {'network': 'n1', 'addresses': list(addresses)}
        (found,) = suggestions.networks(
            [thing(id='n1', name=name, vlan=vlan)],
            [thing(nics=[nic])],
            targets,
            SUBNETS,
        )
        return found

    def test_each_respect_alone(self):
        targets = [target('t1', 'a', 7), target('t2', 'WEB', 8)]
        for values, id, by in (
            ({'name': 'web'}, 't2', 'name'),
            ({'name': 'x', 'vlan': 7}, 't1', 'VLAN id'),
            ({'name': 'x', 'addresses': ['192.0.2.9']}, 't1', 'subnet'),
        ):
            found = self.suggest(targets, **values)
            self.assertEqual((id, (by,)), (found.target.id, found.by))

    def test_more_respects_win(self):
        targets = [target('t1', 'a', 7), target('t2', 'web', 8)]
        found = self.suggest(
            targets, name='web', vlan=7, addresses=['192.0.2.9']
        )
        self.assertEqual(('t1', 's1'), (found.target.id, found.subnet.id))
        self.assertEqual(('VLAN id', 'subnet'), found.by)

    def test_a_tie_is_left_to_people(self):
        targets = [target('t1', 'web'), target('t2', 'web')]
        found = self.suggest(targets)
        self.assertIsNone(found.target)
        self.assertEqual(('several: web, web',), found.by)

    def test_a_subnet_holds_all_addresses(self):
        targets = [target('t1', 'a'), target('t2', 'b')]
        addresses = ['192.0.2.9', '198.51.100.9']
        found = self.suggest(targets, addresses=addresses)
        self.assertEqual((None, ()), (found.target, found.by))

    def test_link_local_and_announced_addresses_do_not_count(self):
        addresses = ['192.0.2.9', 'fe80::1', '169.254.1.1', '2001:db8::1']
        found = self.suggest([target('t1', 'a')], addresses=addresses)
        self.assertEqual('s1', found.subnet.id)

    def test_networks_without_a_vlan_are_not_alike(self):
        found = self.suggest([target('t1', 'a')], vlan=None)
        self.assertIsNone(found.target)


class TestDatastores(testtools.TestCase):
    def test_by_name(self):
        found = suggestions.datastores(
            [thing(id='d1', name='Fast'), thing(id='d2', name='x')],
            [thing(name='fast'), thing(name='slow')],
        )
        self.assertEqual(
            ['fast', None], [one.target and one.target.name for one in found]
        )
