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


"""Verified TLS to a source: a CA bundle, a pinned certificate, or the system.

pyvmomi's own ``thumbprint=`` is not used: it accepts any certificate of
127.0.0.1 and leaves further connections of its pool unchecked.
"""

import hashlib
import hmac
import http.client
import re
import socket
import ssl

from migrate_service.drivers import errors


class Connection(http.client.HTTPSConnection):
    """An HTTPS connection to a checked address, verified by host name."""

    def __init__(self, endpoint, context, *, connect_timeout, read_timeout):
        super().__init__(
            endpoint.host,
            endpoint.port,
            context=context,
            timeout=connect_timeout,
        )
        self._endpoint = endpoint
        self._trust = context
        self._read_timeout = read_timeout

    def connect(self):
        self.sock = _wrap(self._trust, self._endpoint, self.timeout)
        self.sock.settimeout(self._read_timeout)


def context_for(endpoint, *, ca=None, fingerprint=None, timeout=30):
    """Return ``(context, certificate)`` that verify every connection.

    :param ca: PEM text of the CAs to trust, or None for the system's.
    :param fingerprint: SHA-256 of the only certificate to accept; wins
        over ``ca``.
    :returns: the :class:`ssl.SSLContext`, and the PEM of the pinned
        certificate, or None.
    :raises SourcePinMismatch, SourcePinInvalid, SourceCaInvalid:
    """
    if fingerprint:
        wanted = normal_fingerprint(fingerprint)
        certificate = _fetch(endpoint, timeout)
        actual = hashlib.sha256(certificate).hexdigest()
        if not hmac.compare_digest(actual, wanted):
            raise errors.SourcePinMismatch(
                address=endpoint.host, actual=actual
            )
        pem = ssl.DER_cert_to_PEM_cert(certificate)
        return _pinned(pem), pem
    try:
        return ssl.create_default_context(cadata=ca or None), None
    except (ssl.SSLError, ValueError) as error:
        raise errors.SourceCaInvalid(reason=str(error)) from None


def normal_fingerprint(text):
    """Return the 64 lower-case hex digits of a SHA-256 fingerprint.

    :raises SourcePinInvalid: it is none.
    """
    digits = text.strip().lower().removeprefix('sha256:')
    digits = digits.replace(':', '').replace(' ', '')
    if not re.fullmatch('[0-9a-f]{64}', digits):
        raise errors.SourcePinInvalid()
    return digits


def _pinned(pem):
    """Trust exactly this certificate, whatever its names and issuer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=pem)
    return context


def _fetch(endpoint, timeout):
    """Return the DER of what the server shows, before it is trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with _wrap(context, endpoint, timeout) as sock:
        return sock.getpeercert(binary_form=True)


def _wrap(context, endpoint, timeout):
    sock = socket.create_connection((endpoint.address, endpoint.port), timeout)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return context.wrap_socket(sock, server_hostname=endpoint.host)
    except BaseException:
        sock.close()
        raise
