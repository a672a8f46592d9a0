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
import json
import logging
import os
import subprocess
import threading
import time

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
START_TIMEOUT = 20
RETRIES = 4
"""How often a failed read is tried again: after 1, 2, 4 and 8 seconds."""

Endpoint = web.Endpoint


@contextlib.contextmanager
def open_disk(endpoint, *, size, workdir, name, connections=CONNECTIONS):
    """Yield the :class:`~..transports.Export` of the disk at the endpoint.

    :param endpoint: :class:`Endpoint`.
    :param size: bytes the disk must have.
    :param workdir: private directory for sockets and logs.
    :param name: short name of the disk, unique in ``workdir``.
    :param connections: how many of them serve a copy best.
    :raises errors.TransportFailed: and its subclasses, with the cause.
    """
    login = web.login(endpoint)
    web.trial(endpoint, size, login)
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(
            _gateway(endpoint, size, login, workdir, name)
        )
        server = stack.enter_context(
            nbdkit.serve(
                [
                    'curl',
                    'url=http://disk/',
                    f'unix-socket-path={gateway.socket}',
                    'protocols=http',
                    'followlocation=false',
                    f'timeout={REQUEST_TIMEOUT}',
                    f'retries={RETRIES}',
                    'retry-delay=1',
                ],
                workdir=workdir,
                name=name,
                filters=['retry'],
                env={'no_proxy': '*', 'NO_PROXY': '*'},
            )
        )

        def explain():
            return gateway.explain() or server.explain()

        nbdkit.probe(server, size=size, where=endpoint.where)
        yield transports.Export(
            server.uri,
            size,
            connections=connections,
            request_size=REQUEST_SIZE,
            explain=explain,
        )


class _Gateway:
    """The running gateway; keeps its login fresh while it is open."""

    def __init__(self, endpoint, process, socket, login):
        self.socket = socket
        self._endpoint = endpoint
        self._process = process
        self._login = login
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def start(self):
        if self._endpoint.cookie:
            self._thread.start()

    def stop(self):
        self._over.set()
        if self._endpoint.cookie:
            self._thread.join()

    def explain(self):
        """Return its last complaints as one line; it prints no secret."""
        lines = self._process.tail(1000).splitlines()
        return '; '.join(dict.fromkeys(lines[-3:]))

    def tell(self, message):
        stdin = self._process.process.stdin
        stdin.write(json.dumps(message).encode() + b'\n')
        stdin.flush()

    def _renew(self):
        while not self._over.wait(self._endpoint.renew):
            try:
                login = web.login(self._endpoint)
                if login != self._login:
                    self._login = login
                    self.tell({'login': login})
            except Exception:
                LOG.exception('The session cookie could not be renewed')


@contextlib.contextmanager
def _gateway(endpoint, size, login, workdir, name):
    """Run :mod:`.gateway`; the login reaches it through a pipe only."""
    path = os.path.join(workdir, f'{name}.web')
    module = 'migrate_service.transfer.transports.gateway'
    command, env = child.python(module)
    with contextlib.ExitStack() as stack:
        for stale in (path, f'{path}.new'):
            nbdkit.remove(stale)
            stack.callback(nbdkit.remove, stale)
        process = stack.enter_context(
            child.Child(
                command,
                log=os.path.join(workdir, f'{name}.web.log'),
                stdin=subprocess.PIPE,
                env=env,
            )
        )
        gateway = _Gateway(endpoint, process, path, login)
        gateway.tell(
            {
                'socket': path,
                'size': size,
                'endpoint': endpoint.public(),
                'login': login,
            }
        )
        deadline = time.monotonic() + START_TIMEOUT
        while not os.path.exists(path):
            if not process.running() or time.monotonic() > deadline:
                reason = gateway.explain() or 'the gateway does not start'
                raise errors.TransportFailed(where=name, reason=reason)
            time.sleep(0.005)
        gateway.start()
        stack.callback(gateway.stop)
        yield gateway
