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

import testtools

from migrate_service.convert import model
from migrate_service.convert import nicfiles
from migrate_service.convert import nics

A, B, C = ('00:50:56:aa:bb:01', '00:50:56:aa:bb:02', '00:50:56:aa:bb:03')

IFUPDOWN = """
auto lo bond0
iface lo inet loopback
# iface ens999 inet dhcp
iface bond0 inet dhcp
    bond-slaves ens192 ens224
auto ens256.10
iface ens256.10 inet dhcp
"""
NETPLAN = f"""
network:
  ethernets:
    ens160: {{dhcp4: true}}
    by-name: {{match: {{name: ens192}}}}
    all: {{match: {{name: 'en*'}}}}
    by-mac: {{match: {{macaddress: '{A.upper()}'}}, set-name: eth7}}
    loose: {{match: {{macaddress: '{B}'}}}}
    nothing:
  version: 2
"""
KEYFILE = f"""[connection]
id=Wired connection 1
type=ethernet
interface-name=ens192

[ethernet]
mac-address={A}
"""
NETWORK = '[Match]\nName=ens192 en*\n[Network]\nDHCP=yes\n[Address]\n[Address]'
LINK = f'[Match]\nMACAddress={A}\n[Link]\nName=eth0\n'
RULE = (
    'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", '
    f'ATTR{{address}}=="{A}", ATTR{{type}}=="1", KERNEL=="eth*", NAME="eth0"'
)

#: parser, name of the file, text -> [(name, mac, pinned)]
TABLE = (
    (
        nicfiles.ifupdown,
        'interfaces',
        IFUPDOWN,
        [(n, None, False) for n in ('ens192', 'ens224', 'ens256')],
    ),
    (
        nicfiles.netplan,
        'a.yaml',
        NETPLAN,
        [
            ('ens160', None, False),
            ('ens192', None, False),
            ('eth7', A, True),
        ],
    ),
    (nicfiles.ifcfg, 'ifcfg-ens192', 'ONBOOT=yes', [('ens192', None, False)]),
    (nicfiles.ifcfg, 'ifcfg-x', 'DEVICE="eth0"', [('eth0', None, False)]),
    (
        nicfiles.ifcfg,
        'ifcfg-x',
        f'DEVICE=eth0\nHWADDR={A.upper()} # it\n',
        [('eth0', A, False)],
    ),
    (nicfiles.ifcfg, 'ifcfg-x', f'HWADDR={A}', []),
    (nicfiles.ifcfg, 'ifcfg-lo', 'DEVICE=lo', []),
    (nicfiles.ifcfg, 'ifdown-eth', 'DEVICE=eth0', []),
    (nicfiles.networkmanager, 'a', KEYFILE, [('ens192', A, False)]),
    (nicfiles.networkmanager, 'a', '[connection]\ntype=ethernet', []),
    (nicfiles.networkd, 'a', NETWORK, [('ens192', None, False)]),
    (nicfiles.link, 'a', LINK, [('eth0', A, True)]),
    (nicfiles.link, 'a', LINK + '[Match]\nPath=pci-0000:0b:00.0\n', []),
    (nicfiles.link, 'a', LINK + '[Match]\nDriver=vmxnet3\n', []),
    (nicfiles.udev_rules, 'a', RULE, [('eth0', A, True)]),
    (nicfiles.udev_rules, 'a', '#' + RULE, []),
)
PARSERS = sorted({row[0] for row in TABLE}, key=lambda parse: parse.__name__)
NONSENSE = (
    '',
    '\0\xff' * 50,
    '[',
    'network: [1, 2]',
    'network: {ethernets: {1: 2, ens1: {match: 7}, ens2: [x]}}',
    '[[[[\n]=]=]\n=',
    'network: &a {ethernets: *a}',
    '!!python/object/apply:os.system [id]',
)


class ParserTest(testtools.TestCase):
    def test_table(self):
        for parse, name, text, expected in TABLE:
            found = [
                (card.name, card.mac, card.pinned)
                for card in parse(text, f'/etc/{name}')
            ]
            self.assertEqual(expected, found, (parse.__name__, text))

    def test_nonsense_is_no_configuration(self):
        for parse in PARSERS:
            for text in NONSENSE:
                for card in parse(text, '/etc/ifcfg-lo'):
                    self.assertIn(card.name, ('ens1', 'ens2'))


def cards(*rows):
    return [
        model.Interface(name=name, path='x', mac=mac, pinned=pinned)
        for name, mac, pinned in rows
    ]


class PinsTest(testtools.TestCase):
    def test_slots_are_in_the_order_of_vmware(self):
        names = ['ens161', 'ens256', 'ens193', 'ens224', 'ens160', 'ens192']
        self.assertEqual(
            ['ens160', 'ens192', 'ens224', 'ens256', 'ens161', 'ens193'],
            sorted(names, key=nics.slot_order),
        )
        self.assertEqual(
            ['eth2', 'eth10'], sorted(['eth10', 'eth2'], key=nics.slot_order)
        )

    def test_names_go_to_cards_in_order(self):
        names = cards(('ens224', None, False), ('ens192', None, False))
        self.assertEqual(
            ([('ens192', A), ('ens224', B)], []), nics.pins(names, [A, B])
        )

    def test_a_name_with_an_address_goes_to_that_card(self):
        names = cards(('ens192', B.upper().lower(), False))
        names += cards(('ens224', None, False))
        pinned, warnings = nics.pins(names, [A.upper(), B])
        self.assertEqual([('ens224', A), ('ens192', B)], pinned)
        self.assertEqual([], warnings)

    def test_what_the_guest_names_itself_is_left_alone(self):
        names = cards(('eth0', A, True), ('eth0', None, False))
        names += cards(('eth1', None, False))
        self.assertEqual(([('eth1', B)], []), nics.pins(names, [A, B]))

    def test_an_address_of_no_card_does_not_count(self):
        names = cards(('eth0', C, True))
        self.assertEqual(([('eth0', A)], []), nics.pins(names, [A]))

    def test_warns_of_names_and_cards_without_the_other(self):
        names = cards(('ens192', None, False))
        pinned, warnings = nics.pins(names, [A, B])
        self.assertEqual([('ens192', A)], pinned)
        self.assertIn(B, warnings[0])
        names += cards(('ens224', None, False))
        pinned, warnings = nics.pins(names, [A])
        self.assertEqual([('ens192', A)], pinned)
        self.assertIn('ens224', warnings[0])

    def test_nothing_configured_is_nothing_to_pin(self):
        self.assertEqual(([], []), nics.pins([], [A, B]))
