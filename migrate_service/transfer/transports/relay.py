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

"""Relay from a unix socket to one checked address, so that no other is used.

nbdkit's curl plugin resolves host names itself and cannot be told an
address; it can connect to a unix socket. TLS goes through untouched, so
the name check stays with curl. Run as a child process:
``python -m migrate_service.transfer.transports.relay SOCKET ADDRESS PORT``.
"""

import contextlib
import fcntl
import os
import socket
import sys
import threading

PIPE = 1024 * 1024
CONNECT_TIMEOUT = 20


def serve(path, address, port):
    """Listen on ``path`` for ever; the name appears when it is ready."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(f'{path}.new')
    server.listen(64)
    os.rename(f'{path}.new', path)
    while True:
        client, _ = server.accept()
        threading.Thread(
            target=_connect, args=(client, address, port), daemon=True
        ).start()


def _connect(client, address, port):
    try:
        remote = socket.create_connection((address, port), CONNECT_TIMEOUT)
    except OSError as error:
        print(f'{address}:{port}: {error}', file=sys.stderr, flush=True)
        client.close()
        return
    remote.settimeout(None)
    remote.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    remote.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    upward = threading.Thread(target=_pump, args=(client, remote))
    upward.start()
    _pump(remote, client)
    upward.join()
    remote.close()
    client.close()


def _pump(origin, drain):
    """Move bytes one way inside the kernel until the origin ends."""
    reader, writer = os.pipe()
    with contextlib.suppress(OSError):
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE)
    with contextlib.suppress(OSError):
        while count := os.splice(origin.fileno(), writer, PIPE):
            while count:
                count -= os.splice(reader, drain.fileno(), count)
    os.close(reader)
    os.close(writer)
    with contextlib.suppress(OSError):
        drain.shutdown(socket.SHUT_WR)


if __name__ == '__main__':
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
