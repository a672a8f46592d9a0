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

"""Formats of values that JSON schema alone cannot check."""

import datetime

import testtools
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import oid

from migrate_service.api import formats


def certificate():
    """Return a self-signed certificate in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, 'ca')])
    start = datetime.datetime(2026, 1, 1)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )


class TestFormats(testtools.TestCase):
    def test_hosts(self):
        for value in (
            'vcenter',
            'vc-1.example.org',
            'vc.example.org.',
            'v_c.test',
            '192.0.2.1',
            '2001:db8::1',
            '[2001:db8::1]',
            '1und1.example',
        ):
            self.assertTrue(formats.is_host(value), value)

    def test_what_is_no_host(self):
        for value in (
            '',
            'https://vcenter',
            'vcenter/sdk',
            'vcenter:443',
            'user@vcenter',
            'user:password@vcenter',
            'vc enter',
            '-vc',
            'vc-',
            'vc..test',
            '.test',
            'a' * 64,
            'a.' * 127 + 'a',
            '2130706433',
            '127.1',
            '0x7f000001',
            '0177.0.0.1',
            '192.0.2.256',
            'fe80::1%eth0',
            '[2001:db8::1',
            'vcenter\n',
            'ｖcenter',
        ):
            self.assertFalse(formats.is_host(value), value)

    def test_normal_hosts(self):
        for value, normal in (
            ('VC.Example.ORG.', 'vc.example.org'),
            ('[2001:DB8::0:1]', '2001:db8::1'),
            ('192.0.2.1', '192.0.2.1'),
        ):
            self.assertEqual(normal, formats.normal_host(value))

    def test_fingerprints(self):
        plain = '0123456789abcdef' * 4
        colons = formats.normal_fingerprint(plain)
        self.assertEqual(95, len(colons))
        self.assertTrue(formats.is_fingerprint(plain))
        self.assertTrue(formats.is_fingerprint(colons))
        for value in (plain[:-1], plain[:40], f'{plain[:-1]}g', ''):
            self.assertFalse(formats.is_fingerprint(value), value)

    def test_certificates(self):
        pem = certificate()
        self.assertTrue(formats.is_pem(pem + pem))
        for value in ('', 'text', pem[:100], pem.replace('M', '!')):
            self.assertFalse(formats.is_pem(value), value)

    def test_uuids(self):
        self.assertTrue(formats.is_uuid('0' * 32))
        self.assertFalse(formats.is_uuid('0' * 31 + 'g'))
        self.assertFalse(formats.is_uuid('0' * 32 + '\n'))
