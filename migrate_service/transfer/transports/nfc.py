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

"""Read a disk from the export of an HttpNfcLease: a streamOptimized VMDK.

The stream has neither ranges nor a way back: a copy that goes on at its
checkpoint reads it from the start and writes only what is missing.
"""

import contextlib
import json
import mmap
import os
import struct
import subprocess
import time

from migrate_service import child
from migrate_service.transfer import errors
from migrate_service.transfer import transports
from migrate_service.transfer.transports import nbdkit
from migrate_service.transfer.transports import web

REQUEST_SIZE = 1024 * 1024
START_TIMEOUT = 20


@contextlib.contextmanager
def open_disk(endpoint, *, size, workdir, name, position=None):
    """Yield the :class:`~..transports.Export` of the stream at the endpoint.

    :param endpoint: :class:`..web.Endpoint`.
    :param size: bytes the disk must have; the stream is held to it.
    :param workdir: private directory for sockets and logs.
    :param name: short name of the disk, unique in ``workdir``.
    :param position: called with a function that returns how many bytes of
        the disk have come.
    :raises errors.TransportFailed: and its subclasses, with the cause.
    """
    path = os.path.join(workdir, f'{name}.stream')
    module = 'migrate_service.transfer.transports.stream'
    command, env = child.python(module)
    with contextlib.ExitStack() as stack:
        told, fd = stack.enter_context(_shared())
        for stale in (path, f'{path}.new'):
            nbdkit.remove(stale)
            stack.callback(nbdkit.remove, stale)
        process = stack.enter_context(
            child.Child(
                command,
                log=os.path.join(workdir, f'{name}.stream.log'),
                stdin=subprocess.PIPE,
                env=env,
                pass_fds=(fd,),
            )
        )
        _order(process, endpoint, path, size, fd)
        server = nbdkit.Server(process, f'nbd+unix:///?socket={path}')
        _wait_for(path, server, endpoint.where)
        if position:
            position(lambda: struct.unpack('<Q', told[:8])[0])
        yield transports.Export(
            server.uri,
            size,
            connections=1,
            request_size=REQUEST_SIZE,
            explain=server.explain,
        )


@contextlib.contextmanager
def _shared():
    """Yield memory that the child writes to, and its descriptor."""
    fd = os.memfd_create('position')
    try:
        os.truncate(fd, mmap.PAGESIZE)
        with mmap.mmap(fd, mmap.PAGESIZE) as told:
            yield told, fd
    finally:
        os.close(fd)


def _order(process, endpoint, path, size, fd):
    """Tell the child what to serve; the login goes through a pipe only."""
    order = {
        'socket': path,
        'size': size,
        'endpoint': endpoint.public(),
        'login': web.login(endpoint),
        'position_fd': fd,
    }
    stdin = process.process.stdin
    stdin.write(json.dumps(order).encode() + b'\n')
    stdin.flush()


def _wait_for(path, server, where):
    deadline = time.monotonic() + START_TIMEOUT
    while not os.path.exists(path):
        if not server.process.running() or time.monotonic() > deadline:
            reason = server.explain() or 'the disk server does not start'
            raise errors.TransportFailed(where=where, reason=reason)
        time.sleep(0.005)
