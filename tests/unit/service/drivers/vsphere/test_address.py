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


import socket
from unittest import mock

import testtools

from migrate_service.drivers import errors
from migrate_service.drivers.vsphere import address


def answers(*addresses):
    """Let the name server answer with these addresses."""
    return mock.patch.object(
        socket,
        'getaddrinfo',
        lambda host, port, type: [
            (0, type, 0, '', (ip, port)) for ip in addresses
        ],
    )


class TestRefusal(testtools.TestCase):
    def test_refused_addresses(self):
        for ip, word in (
            ('127.0.0.1', 'loopback'),
            ('127.255.0.9', 'loopback'),
            ('::1', 'loopback'),
            ('0.0.0.0', 'unspecified'),
            ('0.1.2.3', 'unspecified'),
            ('::', 'unspecified'),
            ('169.254.169.254', 'metadata'),
            ('fe80::1', 'link-local'),
            ('fe80::1%eth0', 'link-local'),
            ('fd00:ec2::254', 'metadata'),
            ('100.100.100.200', 'metadata'),
            ('224.0.0.1', 'multicast'),
            ('ff02::1', 'multicast'),
            ('255.255.255.255', 'reserved'),
            ('240.0.0.1', 'reserved'),
            # IPv4 in the clothes of IPv6
            ('::ffff:127.0.0.1', 'loopback'),
            ('::ffff:169.254.169.254', 'metadata'),
            ('64:ff9b::7f00:1', 'loopback'),
            ('2002:7f00:1::', 'loopback'),
        ):
            reason = address.refusal(ip)
            self.assertIsNotNone(reason, ip)
            self.assertIn(word, reason, ip)

    def test_ordinary_addresses(self):
        for ip in ('192.0.2.1', '10.0.0.9', '198.51.100.7', '2001:db8::1'):
            self.assertIsNone(address.refusal(ip), ip)

    def test_denied_network(self):
        denied = ['10.1.0.0/16']
        self.assertIsNotNone(address.refusal('10.1.2.3', denied=denied))
        self.assertIsNone(address.refusal('10.2.2.3', denied=denied))

    def test_own_address_of_the_node(self):
        with mock.patch.object(address, '_is_own', lambda ip: True):
            self.assertIn('node itself', address.refusal('192.0.2.1'))

    def test_allowed_networks_are_the_only_ones(self):
        allowed = ['127.0.0.0/8', '10.0.0.0/8']
        self.assertIsNone(address.refusal('127.0.0.1', allowed=allowed))
        self.assertIsNone(address.refusal('::ffff:10.0.0.1', allowed=allowed))
        self.assertIsNotNone(address.refusal('192.0.2.1', allowed=allowed))
        self.assertIsNotNone(address.refusal('::1', allowed=allowed))


class TestResolve(testtools.TestCase):
    def test_the_checked_address_is_used(self):
        with answers('127.0.0.1', '192.0.2.7'):
            endpoint = address.resolve('vcenter.example', 443)
        self.assertEqual('192.0.2.7', endpoint.address)
        self.assertEqual('vcenter.example', endpoint.host)

    def test_no_address_may_be_used(self):
        with answers('169.254.169.254'):
            error = self.assertRaises(
                errors.SourceAddressRefused,
                address.resolve,
                'vcenter.example',
                443,
            )
        self.assertIn('169.254.169.254', str(error))
        self.assertIn('allowed_networks', error.advice)

    def test_decimal_spelling_of_loopback(self):
        """2130706433 is 127.0.0.1 for the C library."""
        self.assertRaises(
            errors.SourceAddressRefused, address.resolve, '2130706433', 443
        )

    def test_unknown_name(self):
        self.assertRaises(
            errors.SourceAddressUnknown,
            address.resolve,
            'no-such-name.invalid',
            443,
        )

    def test_netloc(self):
        for host, port, netloc in (
            ('vc', 443, 'vc'),
            ('vc', 8443, 'vc:8443'),
            ('2001:db8::1', 443, '[2001:db8::1]'),
            ('2001:db8::1', 8443, '[2001:db8::1]:8443'),
        ):
            endpoint = address.Endpoint(host=host, port=port, address='x')
            self.assertEqual(netloc, endpoint.netloc)
