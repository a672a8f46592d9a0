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


"""The fingerprint of a real TLS server."""

import argparse
import datetime
import hashlib
import json
import pathlib
import socket
import ssl
import threading

import fixtures
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from migrate_client.osc import fingerprint
from tests.unit.client import base


def _certificate():
    """Return a key and its own certificate for ``vc.test``, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'vc.test')])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem + certificate.public_bytes(serialization.Encoding.PEM)


class TestFingerprint(base.TestCase):
    def serve(self, pem):
        """Answer one TLS handshake on loopback; return the port."""
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (folder / 'pem').write_bytes(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / 'pem')
        server = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(server.close)

        def answer():
            plain, _ = server.accept()
            with plain, context.wrap_socket(plain, server_side=True) as tls:
                tls.recv(1)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 10)
        return server.getsockname()[1]

    def test_shows_the_certificate_although_nobody_vouches_for_it(self):
        pem = _certificate()
        der = x509.load_pem_x509_certificate(pem).public_bytes(
            serialization.Encoding.DER
        )
        code, out, err = self.run_command(
            *('source', 'fingerprint', f'127.0.0.1:{self.serve(pem)}'),
            *('-f', 'json'),
        )
        self.assertEqual(0, code, err)
        shown = json.loads(out)
        self.assertEqual(
            hashlib.sha256(der).hexdigest(),
            shown['fingerprint'].replace(':', '').lower(),
        )
        self.assertEqual('CN=vc.test', shown['subject'])
        self.assertEqual([], self.web.request_history)

    def test_nobody_listens(self):
        with socket.create_server(('127.0.0.1', 0)) as server:
            port = server.getsockname()[1]
        code, _, err = self.run_command(
            'source', 'fingerprint', f'127.0.0.1:{port}'
        )
        self.assertEqual(1, code)
        self.assertIn(f'No TLS server answers at 127.0.0.1 port {port}', err)

    def test_addresses(self):
        for text, expected in (
            ('vc.test', ('vc.test', 443)),
            ('vc.test:8443', ('vc.test', 8443)),
            ('[::1]', ('::1', 443)),
            ('[::1]:8443', ('::1', 8443)),
        ):
            self.assertEqual(expected, fingerprint.parse_address(text))
        for text in ('', 'a:b', '::1', 'vc.test:'):
            self.assertRaises(
                argparse.ArgumentTypeError, fingerprint.parse_address, text
            )
