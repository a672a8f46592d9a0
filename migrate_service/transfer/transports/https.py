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

"""Read a frozen flat VMDK through vCenter's or ESXi's /folder over HTTPS."""

import contextlib
import logging
import os
import sys
import threading
import time
from urllib import parse

from migrate_service import child
from migrate_service.transfer import errors
from migrate_service.transfer import transports
from migrate_service.transfer.transports import nbdkit
from migrate_service.transfer.transports import web

LOG = logging.getLogger(__name__)

CONNECTIONS = 8
"""nbdkit's curl plugin (1.32) serves one request a connection at a time."""

REQUEST_SIZE = 2 * 1024 * 1024
REQUEST_TIMEOUT = 120

Endpoint = web.Endpoint


@contextlib.contextmanager
def open_disk(endpoint, *, size, workdir, name):
    """Yield the :class:`~..transports.Export` of the disk at the endpoint.

    :param endpoint: :class:`Endpoint`.
    :param size: bytes the disk must have.
    :param workdir: private directory for sockets and logs.
    :param name: short name of the disk, unique in ``workdir``.
    :raises errors.TransportFailed: and its subclasses, with the cause.
    """
    with contextlib.ExitStack() as stack:
        secret = _Secret(endpoint)
        stack.enter_context(contextlib.closing(secret))
        host = web.trial(endpoint, size, secret.cookie)
        relay = stack.enter_context(_relay(endpoint, workdir, name))
        trust = stack.enter_context(_trust(endpoint, workdir, name))
        server = stack.enter_context(
            nbdkit.serve(
                [
                    'curl',
                    f'url={_url(endpoint, host)}',
                    f'unix-socket-path={relay}',
                    f'cainfo={trust}',
                    'protocols=https',
                    'followlocation=false',
                    f'timeout={REQUEST_TIMEOUT}',
                    f'header=Host: {endpoint.parts.netloc}',
                    *secret.parameters,
                    'retries=5',
                    'retry-delay=1',
                ],
                workdir=workdir,
                name=name,
                filters=['retry'],
                pass_fds=secret.fds,
                env={'no_proxy': '*', 'NO_PROXY': '*'},
                secrets=(endpoint.password, secret.cookie),
            )
        )
        nbdkit.probe(server, size=size, where=endpoint.where)
        yield transports.Export(
            server.uri,
            size,
            connections=CONNECTIONS,
            request_size=REQUEST_SIZE,
            explain=server.explain,
        )


class _Secret:
    """A login in a memfd: never a file, an argument or a variable.

    nbdkit inherits the descriptor. A password is read from it once; a
    cookie is read again by ``cookie-script`` after each renewal.
    """

    def __init__(self, endpoint):
        self._endpoint = endpoint
        self._over = threading.Event()
        self._thread = None
        self.cookie = endpoint.cookie() if endpoint.cookie else None
        self.fds = ()
        self.parameters = []
        if not self.cookie and not endpoint.username:
            return
        self._fd = os.memfd_create('login')
        self.fds = (self._fd,)
        self._store(self.cookie or endpoint.password)
        os.lseek(self._fd, 0, os.SEEK_SET)
        if self.cookie:
            self._use_cookie()
        else:
            self.parameters = [
                f'user={endpoint.username}',
                f'password=-{self._fd}',
            ]

    def close(self):
        self._over.set()
        if self._thread:
            self._thread.join()
        for fd in self.fds:
            os.close(fd)

    def _use_cookie(self):
        renew = max(1, int(self._endpoint.renew))
        self.parameters = [
            f'cookie-script=cat /proc/self/fd/{self._fd}',
            f'cookie-script-renew={renew}',
        ]
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()

    def _renew(self):
        while not self._over.wait(self._endpoint.renew / 2):
            try:
                cookie = self._endpoint.cookie()
                if cookie != self.cookie:
                    self.cookie = cookie
                    self._store(cookie)
            except Exception:
                LOG.exception('The session cookie could not be renewed')

    def _store(self, text):
        if '\n' in text or '\r' in text:
            raise errors.TransportFailed(
                where=self._endpoint.where,
                reason='a password or cookie cannot hold a line break',
            )
        data = text.encode() + b'\n'
        os.pwrite(self._fd, data, 0)
        os.ftruncate(self._fd, len(data))


@contextlib.contextmanager
def _relay(endpoint, workdir, name):
    """Yield a unix socket that leads to the checked address only."""
    path = os.path.join(workdir, f'{name}.relay')
    module = 'migrate_service.transfer.transports.relay'
    command = [sys.executable, '-m', module]
    command += [path, endpoint.address, str(endpoint.port)]
    log = os.path.join(workdir, f'{name}.relay.log')
    with contextlib.ExitStack() as stack:
        for stale in (path, f'{path}.new'):
            _remove(stale)
            stack.callback(_remove, stale)
        environment = {'PYTHONPATH': os.pathsep.join(filter(None, sys.path))}
        relay = stack.enter_context(
            child.Child(command, log=log, env=environment)
        )
        deadline = time.monotonic() + 20
        while not os.path.exists(path):
            if not relay.running() or time.monotonic() > deadline:
                reason = relay.tail(300)
                raise errors.TransportFailed(where=name, reason=reason)
            time.sleep(0.005)
        yield path


@contextlib.contextmanager
def _trust(endpoint, workdir, name):
    """Yield the path of the certificates that curl is to trust."""
    if not endpoint.certificate:
        yield endpoint.cafile or '/etc/ssl/certs/ca-certificates.crt'
        return
    path = os.path.join(workdir, f'{name}.pem')
    with open(path, 'w') as pem:
        pem.write(endpoint.certificate)
    try:
        yield path
    finally:
        _remove(path)


def _url(endpoint, host):
    """Return the URL with a host that the certificate is valid for."""
    host = f'[{host}]' if ':' in host else host
    return parse.urlunsplit(
        endpoint.parts._replace(netloc=f'{host}:{endpoint.port}', fragment='')
    )


def _remove(path):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
