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
import time

from migrate_service.drivers import errors

LONGEST = 256 * 1024 * 1024
"""Bytes of one answer; pages of an inventory are a hundredth of that."""

SLOWEST = 900.0
"""Seconds in which one answer must have come."""

_PIECE = 64 * 1024


class Answer(http.client.HTTPResponse):
    """An answer that ends: any user may register any server as a source.

    Without bounds one that sends for ever would fill the memory of the node,
    or keep the few threads that look at sources.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._left = LONGEST
        self._until = time.monotonic() + SLOWEST

    def read(self, amt=None):
        """Return at most ``amt`` bytes, or all.

        :raises http.client.HTTPException: it is too long or too slow.
        """
        if amt is None:
            pieces = list(iter(lambda: self.read(_PIECE), b''))
            return b''.join(pieces) + super().read()
        piece = self.read1(min(amt, _PIECE))
        self._left -= len(piece)
        if self._left < 0:
            raise http.client.HTTPException('its answer has no end')
        if time.monotonic() > self._until:
            raise http.client.HTTPException('its answer takes too long')
        return piece


class Connection(http.client.HTTPSConnection):
    """An HTTPS connection to a checked address, verified by host name."""

    response_class = Answer

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
        try:
            self.sock = _wrap(self._trust, self._endpoint, self.timeout)
        except ssl.SSLCertVerificationError as error:
            raise _untrusted(self._endpoint, self.timeout, error) from None
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
        certificate = certificate_of(endpoint, timeout)
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


def certificate_of(endpoint, timeout):
    """Return the DER of what the server shows, before it is trusted.

    :raises OSError: it cannot be reached or does not speak TLS.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with _wrap(context, endpoint, timeout) as sock:
        return sock.getpeercert(binary_form=True)


def _untrusted(endpoint, timeout, error):
    """Return an error that names the certificate, for a user to compare.

    Nothing but the handshake is sent to who showed it.
    """
    reason = error.verify_message or str(error)
    try:
        shown = hashlib.sha256(certificate_of(endpoint, timeout)).hexdigest()
    except OSError:
        return errors.SourceUntrusted(address=endpoint.host, reason=reason)
    return errors.SourceUntrusted(
        address=endpoint.host,
        reason=f'{reason} (its SHA-256 fingerprint is {shown})',
    )


def _wrap(context, endpoint, timeout):
    sock = socket.create_connection((endpoint.address, endpoint.port), timeout)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return context.wrap_socket(sock, server_hostname=endpoint.host)
    except BaseException:
        sock.close()
        raise
