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

"""An nbdkit child that serves one disk read-only on a unix socket."""

import contextlib
import os
import time

import nbd

from migrate_service import child
from migrate_service.transfer import errors

START_TIMEOUT = 20.0
"""Seconds that nbdkit may take to listen."""


class Server:
    """A running nbdkit.

    :param process: :class:`child.Child`.
    :param uri: where it listens.
    """

    def __init__(self, process, uri):
        self.process = process
        self.uri = uri

    def explain(self):
        """Return the last lines it wrote, as one line."""
        text = self.process.tail(2000)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return '; '.join(lines[-3:])


@contextlib.contextmanager
def serve(plugin, *, workdir, name, filters=(), pass_fds=(), env=None):
    """Start ``nbdkit --readonly … plugin`` and yield a :class:`Server`.

    :param plugin: name and ``key=value`` parameters, a list.
    :param filters: filters, outermost first; their parameters go in
        ``plugin``.
    :raises errors.TransportFailed: it does not start.
    """
    socket = os.path.join(workdir, f'{name}.nbd')
    pidfile = f'{socket}.pid'
    command = [
        'nbdkit',
        '--foreground',
        '--readonly',
        '--exit-with-parent',
        '--threads=16',
        f'--unix={socket}',
        f'--pidfile={pidfile}',
        *(f'--filter={one}' for one in filters),
        *plugin,
    ]
    with contextlib.ExitStack() as stack:
        for path in (socket, pidfile):
            remove(path)
            stack.callback(remove, path)
        process = stack.enter_context(
            child.Child(
                command,
                log=os.path.join(workdir, f'{name}.log'),
                env=env,
                pass_fds=pass_fds,
            )
        )
        server = Server(process, f'nbd+unix:///?socket={socket}')
        _wait_for(pidfile, server, name)
        yield server


def probe(server, *, size, where):
    """Connect once: only then does a plugin open its disk.

    :param size: bytes it must have.
    :param where: the place in words, for errors.
    :raises errors.TransportFailed: it cannot be opened, with nbdkit's
        words; :class:`errors.TransportWrongSize` for another size.
    """
    handle = nbd.NBD()
    try:
        handle.connect_uri(server.uri)
        actual = handle.get_size()
        handle.shutdown()
    except nbd.Error as error:
        reason = server.explain() or error.string
        raise errors.TransportFailed(where=where, reason=reason) from error
    if actual != size:
        raise errors.TransportWrongSize(
            where=where, actual=actual, expected=size
        )


def _wait_for(pidfile, server, name):
    deadline = time.monotonic() + START_TIMEOUT
    while not os.path.exists(pidfile):
        if not server.process.running() or time.monotonic() > deadline:
            reason = server.explain() or 'nbdkit does not start'
            raise errors.TransportFailed(where=name, reason=reason)
        time.sleep(0.005)


def remove(path):
    """Remove a file that may be absent."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
