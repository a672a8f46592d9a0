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

"""Connect to the web server of a disk, and try it before a copy starts.

nbdkit tells little of why a URL does not open: so the server is asked for
the disk's size and for a range first, and each refusal has its own error.
"""

import base64
import contextlib
import dataclasses
import http.client
import socket
import ssl
from collections import abc
from urllib import parse

from migrate_service.transfer import errors

TIMEOUT = 30
TRIAL = 512


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """A web server whose address was resolved and checked beforehand.

    :param url: ``https://host[:port]/folder/…-flat.vmdk?dcPath=…&dsName=…``,
        each part quoted already.
    :param address: the IP address to connect to, no other is used.
    :param cafile: CA bundle that vouches for the host name; or
    :param certificate: PEM of exactly the certificate that is accepted
        (a pinned one; its names do not matter then).
    :param username, password: HTTP basic login; or
    :param cookie: callable that returns ``name=value`` of a live session;
        asked again every ``renew`` seconds, in a thread of its own.
    """

    url: str
    address: str
    cafile: str | None = None
    certificate: str | None = None
    username: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)
    cookie: abc.Callable[[], str] | None = None
    renew: float = 60.0

    @property
    def parts(self):
        return parse.urlsplit(self.url)

    @property
    def port(self):
        return self.parts.port or 443

    @property
    def where(self):
        """The place in words, without the query."""
        return f'{self.parts.hostname}{parse.unquote(self.parts.path)}'

    def public(self):
        """Return the fields that hold no secret, as keywords of this."""
        names = ('url', 'address', 'cafile', 'certificate')
        return {name: getattr(self, name) for name in names}


def login(endpoint):
    """Return the headers that log in: a fresh cookie, or the password.

    :raises errors.TransportFailed: the cookie cannot be a header.
    """
    if endpoint.cookie:
        cookie = endpoint.cookie()
        if not cookie.isprintable():
            reason = 'a session cookie cannot hold a line break'
            raise errors.TransportFailed(where=endpoint.where, reason=reason)
        return {'Cookie': cookie}
    if not endpoint.username:
        return {}
    pair = f'{endpoint.username}:{endpoint.password}'.encode()
    return {'Authorization': f'Basic {base64.b64encode(pair).decode()}'}


def trial(endpoint, size, headers):
    """Check that the server gives ranges of a disk of ``size`` bytes.

    :param headers: from :func:`login`.
    :raises errors.TransportFailed: and its subclasses.
    """
    parts = endpoint.parts
    if parts.scheme != 'https' or not parts.hostname or '@' in parts.netloc:
        reason = 'the URL must be https:// and hold no login'
        raise errors.TransportFailed(where=endpoint.where, reason=reason)
    try:
        with contextlib.closing(connect(endpoint)) as connection:
            _check_size(endpoint, connection, headers, size)
            _check_range(endpoint, connection, headers, size)
    except ssl.SSLError as error:
        reason = getattr(error, 'verify_message', '') or error.reason
        raise errors.TransportUntrusted(
            where=parts.hostname, reason=reason or str(error)
        ) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, 'strerror', None) or str(error)
        raise errors.TransportUnreachable(
            where=parts.hostname, reason=reason
        ) from error


def connect(endpoint):
    """Return an open HTTPS connection to the endpoint's address.

    :raises errors.TransportUntrusted: another certificate than the pinned.
    :raises OSError: and ssl.SSLError, it cannot be connected.
    """
    connection = _Connection(endpoint, _context(endpoint))
    connection.connect()
    if endpoint.certificate:
        pinned = ssl.PEM_cert_to_DER_cert(endpoint.certificate.strip())
        if connection.sock.getpeercert(binary_form=True) != pinned:
            connection.close()
            raise errors.TransportUntrusted(
                where=endpoint.parts.hostname,
                reason='it is not the pinned one',
            )
    return connection


class _Connection(http.client.HTTPSConnection):
    """HTTPS to a given address, whatever the host's name resolves to."""

    def __init__(self, endpoint, context):
        super().__init__(
            endpoint.parts.hostname,
            endpoint.port,
            timeout=TIMEOUT,
            context=context,
        )
        self._endpoint = endpoint
        self._tls = context

    def connect(self):
        sock = socket.create_connection(
            (self._endpoint.address, self._endpoint.port), TIMEOUT
        )
        self.sock = self._tls.wrap_socket(
            sock, server_hostname=self._endpoint.parts.hostname
        )


def _context(endpoint):
    try:
        if not endpoint.certificate:
            return ssl.create_default_context(cafile=endpoint.cafile)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=endpoint.certificate)
        return context
    except OSError as error:
        raise errors.TransportUntrusted(
            where=endpoint.parts.hostname,
            reason=f'the trusted certificate cannot be read: {error}',
        ) from error


def ask(endpoint, connection, method, headers):
    """Send a request for the disk and return the answer's head.

    :raises errors.TransportRefused, errors.TransportNotFound:
    """
    parts = endpoint.parts
    target = parts.path + (f'?{parts.query}' if parts.query else '')
    connection.request(method, target, headers=headers)
    answer = connection.getresponse()
    if answer.status in (401, 403):
        raise errors.TransportRefused(
            where=endpoint.where, status=answer.status
        )
    if answer.status == 404:
        raise errors.TransportNotFound(where=endpoint.where)
    return answer


def _check_size(endpoint, connection, headers, size):
    answer = ask(endpoint, connection, 'HEAD', headers)
    answer.read()
    if answer.status != 200:
        raise errors.TransportFailed(
            where=endpoint.where,
            reason=f'the server answered HTTP {answer.status}',
        )
    actual = answer.getheader('Content-Length', 'an unknown number of')
    if actual != str(size):
        raise errors.TransportWrongSize(
            where=endpoint.where, actual=actual, expected=size
        )


def _check_range(endpoint, connection, headers, size):
    start = max(0, size - TRIAL)
    ranged = headers | {'Range': f'bytes={start}-{size - 1}'}
    answer = ask(endpoint, connection, 'GET', ranged)
    expected = f'bytes {start}-{size - 1}/{size}'
    told = answer.getheader('Content-Range')
    if answer.status != 206 or told != expected:
        reason = f'HTTP {answer.status}, Content-Range {told}'
        raise errors.TransportNoRanges(where=endpoint.where, reason=reason)
    if len(answer.read(TRIAL + 1)) != size - start:
        reason = 'a range has another length than told'
        raise errors.TransportNoRanges(where=endpoint.where, reason=reason)
