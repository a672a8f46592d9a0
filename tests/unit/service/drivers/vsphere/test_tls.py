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


import datetime
import hashlib
import ipaddress
import os
import socket
import ssl
import tempfile
import threading

import testtools
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import oid

from migrate_service.drivers import errors
from migrate_service.drivers.vsphere import address
from migrate_service.drivers.vsphere import faults
from migrate_service.drivers.vsphere import tls


def certificate(name):
    """Return PEM of a self-signed certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.DNSName(name),
                    x509.IPAddress(ipaddress.ip_address('192.0.2.1')),
                ]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    return built.public_bytes(encoding).decode(), key.private_bytes(
        encoding,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


class Server:
    """A TLS server on loopback that answers any request with 204."""

    def __init__(self, test, pem, key):
        with tempfile.NamedTemporaryFile('w', delete=False) as file:
            file.write(pem + key)
        test.addCleanup(os.unlink, file.name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file.name)
        self.socket = socket.create_server(('127.0.0.1', 0))
        test.addCleanup(self.socket.close)
        self.port = self.socket.getsockname()[1]
        self.context = context
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                plain, _ = self.socket.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(plain, server_side=True) as tcp:
                    tcp.recv(65536)
                    tcp.sendall(b'HTTP/1.1 204 OK\r\n\r\n')
            except OSError:
                plain.close()


class TestTls(testtools.TestCase):
    """The name of the server is never resolved: only its address is used."""

    def setUp(self):
        super().setUp()
        self.pem, key = certificate('vcenter.invalid')
        self.server = Server(self, self.pem, key)
        self.pin = hashlib.sha256(
            ssl.PEM_cert_to_DER_cert(self.pem)
        ).hexdigest()

    def endpoint(self, host='vcenter.invalid'):
        return address.Endpoint(
            host=host, port=self.server.port, address='127.0.0.1'
        )

    def status(self, endpoint, context):
        connection = tls.Connection(
            endpoint, context, connect_timeout=5, read_timeout=5
        )
        self.addCleanup(connection.close)
        with faults.explained(endpoint.host, 'a request'):
            connection.request('GET', '/')
            return connection.getresponse().status

    def test_right_pin(self):
        pin = ':'.join(self.pin[at : at + 2].upper() for at in range(0, 64, 2))
        endpoint = self.endpoint('other-name.invalid')
        context, pem = tls.context_for(endpoint, fingerprint=pin)
        self.assertEqual(self.pem, pem)
        self.assertEqual(204, self.status(endpoint, context))

    def test_wrong_pin(self):
        error = self.assertRaises(
            errors.SourcePinMismatch,
            tls.context_for,
            self.endpoint('127.0.0.1'),
            fingerprint='00' * 32,
        )
        self.assertIn(self.pin, str(error))

    def test_pin_of_another_server_on_a_later_connection(self):
        """The pin holds for every connection, not only for the first."""
        context, _ = tls.context_for(self.endpoint(), fingerprint=self.pin)
        other = Server(self, *certificate('vcenter.invalid'))
        self.server = other
        self.assertRaises(
            errors.SourceUntrusted, self.status, self.endpoint(), context
        )

    def test_authority(self):
        context, pem = tls.context_for(self.endpoint(), ca=self.pem)
        self.assertIsNone(pem)
        self.assertEqual(204, self.status(self.endpoint(), context))

    def test_authority_and_another_name(self):
        context, _ = tls.context_for(self.endpoint(), ca=self.pem)
        error = self.assertRaises(
            errors.SourceUntrusted,
            self.status,
            self.endpoint('other-name.invalid'),
            context,
        )
        self.assertIn('other-name.invalid', str(error))

    def test_neither_trusts_the_system_only(self):
        endpoint = self.endpoint()
        context, _ = tls.context_for(endpoint)
        self.assertRaises(
            errors.SourceUntrusted, self.status, endpoint, context
        )

    def test_authority_that_is_no_certificate(self):
        self.assertRaises(
            errors.SourceCaInvalid,
            tls.context_for,
            self.endpoint(),
            ca='no PEM',
        )


class TestFingerprint(testtools.TestCase):
    def test_accepted_spellings(self):
        for text in (
            'AB' * 32,
            ':'.join(['ab'] * 32),
            'sha256:' + 'ab' * 32,
            ' ' + 'ab' * 32 + '\n',
        ):
            self.assertEqual('ab' * 32, tls.normal_fingerprint(text))

    def test_others(self):
        for text in ('ab' * 20, 'ab' * 31, 'zz' * 32, 'md5', 'ab' * 64):
            self.assertRaises(
                errors.SourcePinInvalid, tls.normal_fingerprint, text
            )
