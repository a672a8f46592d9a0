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


"""The command that shows the fingerprint of a source's certificate."""

import argparse
import hashlib
import re
import socket
import ssl

from cryptography import x509
from osc_lib import exceptions

from migrate_client.osc import base

_ADDRESS = re.compile(
    r'(?:\[(?P<v6>[^]]+)\]|(?P<host>[^:]+))(?::(?P<port>\d+))?'
)


def parse_address(text):
    """Return host and port of ``HOST[:PORT]`` or ``[IPV6][:PORT]``.

    :raises argparse.ArgumentTypeError: it is neither.
    """
    match = _ADDRESS.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not of the form <host>[:<port>]'
        )
    return match['v6'] or match['host'], int(match['port'] or 443)


def normalise(text):
    """Return a SHA-256 fingerprint as ``AA:BB:…``, 32 bytes.

    :param text: hexadecimal with or without colons, any case.
    :raises argparse.ArgumentTypeError: it is no SHA-256.
    """
    digits = text.replace(':', '').upper()
    if not re.fullmatch('[0-9A-F]{64}', digits):
        raise argparse.ArgumentTypeError(
            f'{text!r} is not a SHA-256 of 64 hexadecimal digits'
        )
    return ':'.join(digits[i : i + 2] for i in range(0, 64, 2))


def fetch(host, port, timeout):
    """Return the certificate (DER) that a TLS server shows.

    The certificate is not verified: it is what the reader shall compare.

    :raises OSError: no TLS server answers.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout) as plain,
        context.wrap_socket(plain, server_hostname=host) as tls,
    ):
        return tls.getpeercert(binary_form=True)


def describe(der):
    """Return the columns and values that identify a certificate (DER)."""
    certificate = x509.load_der_x509_certificate(der)
    return zip(
        *(
            ('fingerprint', normalise(hashlib.sha256(der).hexdigest())),
            ('subject', certificate.subject.rfc4514_string()),
            ('issuer', certificate.issuer.rfc4514_string()),
            (
                'not_valid_before',
                certificate.not_valid_before_utc.isoformat(),
            ),
            ('not_valid_after', certificate.not_valid_after_utc.isoformat()),
        ),
        strict=True,
    )


class ShowFingerprint(base.ShowOne):
    """Show the certificate of a server, to be compared before it is pinned.

    Nothing is sent but the TLS handshake, and the service is not asked.
    Compare the fingerprint with what the server's administrator tells you
    on another way; then give it to "migration source create" as
    --fingerprint.
    """

    auth_required = False

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'address',
            metavar='<host>[:<port>]',
            type=parse_address,
            help='The vCenter or ESXi; the port is 443 unless given',
        )
        parser.add_argument(
            '--timeout',
            metavar='<seconds>',
            type=float,
            default=10.0,
            help='How long to wait for an answer, in seconds (default: 10)',
        )
        return parser

    def take_action(self, parsed_args):
        host, port = parsed_args.address
        try:
            der = fetch(host, port, parsed_args.timeout)
        except OSError as error:
            raise exceptions.CommandError(
                f'No TLS server answers at {host} port {port}: {error}.'
            ) from error
        return describe(der)
