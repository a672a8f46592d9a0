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

"""A read-only NBD server of a disk that comes as a stream, forward only.

nbdkit's curl plugin needs ranges, which the stream of an export has not, and
gives up on a read that takes minutes: a copy that goes on at its checkpoint
waits until the stream has come that far. So this child process speaks NBD
itself, to one reader that asks in order of offset; a reader that goes back
makes it ask for the stream anew. The order is one JSON line on stdin, the
end of stdin is the end:
``python -m migrate_service.transfer.transports.stream``.
"""

import http.client
import json
import mmap
import os
import socketserver
import struct
import sys
import threading

from migrate_service.transfer import errors
from migrate_service.transfer import vmdk
from migrate_service.transfer.transports import web

READ_TIMEOUT = 300
"""Seconds that the server may take for the next piece of the stream."""

_LONGEST = 64 * 1024 * 1024
_EIO, _EINVAL = 5, 22
_OPTION = 0x49484156454F5054
_OPTION_REPLY = 0x3E889045565A9
_ACK, _INFO, _UNSUPPORTED = 1, 3, 2**31 + 1
_FLAGS = 0x3
"""Transmission flags: they are there, and the export is read-only."""


class Stream:
    """The disk; starts the stream with the first read, and anew to go back.

    :param open_stream: returns a ``read(size)`` of the stream's start.
    :param tell: called with the position, in bytes, and with complaints.
    """

    def __init__(self, open_stream, size, tell):
        self.size = size
        self._open = open_stream
        self._tell = tell
        self._disk = None
        self._lock = threading.Lock()

    def read(self, offset, length):
        """Return bytes of the disk.

        :raises vmdk.StreamError: and OSError, and what else the server of
            the stream may do.
        """
        with self._lock:
            if self._disk is None or offset < self._disk.position:
                self._disk = vmdk.Disk(self._open(), self.size)
            data = self._disk.read(offset, length)
            self._tell(self._disk.position)
            return data


class Handler(socketserver.StreamRequestHandler):
    """One connection: NBD's fixed newstyle handshake, then reads."""

    server: 'Server'

    def handle(self):
        try:
            if self._negotiate():
                while self._serve():
                    pass
        except (ConnectionError, EOFError):
            pass

    def _take(self, pattern):
        size = struct.calcsize(pattern)
        data = self.rfile.read(size)
        if len(data) < size:
            raise EOFError
        return struct.unpack(pattern, data)

    def _negotiate(self):
        """Return True when the client wants to read."""
        self.wfile.write(b'NBDMAGIC' + struct.pack('>QH', _OPTION, 3))
        (flags,) = self._take('>I')
        while True:
            magic, option, length = self._take('>QII')
            if magic != _OPTION or length > 65536:
                return False
            self._take(f'>{length}s')
            if option == 1:  # export name
                padding = b'' if flags & 2 else bytes(124)
                self.wfile.write(self._about() + padding)
                return True
            if option == 2:  # abort
                self._reply(option, _ACK)
                return False
            if option in (6, 7):  # info, go
                self._reply(option, _INFO, b'\0\0' + self._about())
                self._reply(option, _ACK)
                if option == 7:
                    return True
            else:
                self._reply(option, _UNSUPPORTED)

    def _about(self):
        return struct.pack('>QH', self.server.stream.size, _FLAGS)

    def _reply(self, option, kind, data=b''):
        head = struct.pack('>QIII', _OPTION_REPLY, option, kind, len(data))
        self.wfile.write(head + data)

    def _serve(self):
        """Answer one request; return False at the end."""
        _magic, _flags, kind, cookie, offset, length = self._take('>IHHQQI')
        if kind == 2:
            return False
        error, data = _EINVAL, b''
        fits = offset + length <= self.server.stream.size
        if kind == 0 and fits and length <= _LONGEST:
            error, data = self._read(offset, length)
        self.wfile.write(struct.pack('>IIQ', 0x67446698, error, cookie))
        self.wfile.write(data)
        return kind == 0 or not length

    def _read(self, offset, length):
        try:
            return 0, self.server.stream.read(offset, length)
        except vmdk.StreamError as error:
            complain(f'the stream is not good: {error}')
        except (OSError, http.client.HTTPException) as error:
            complain(str(error) or type(error).__name__)
        except errors.TransportFailed as error:
            complain(str(error))
        return _EIO, b''


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Listens on a unix socket."""

    daemon_threads = True

    def __init__(self, path, stream):
        super().__init__(f'{path}.new', Handler)
        self.stream = stream


def opener(endpoint, login):
    """Return a function that asks for the stream and returns its reader."""

    def open_stream():
        connection = web.connect(endpoint)
        connection.sock.settimeout(READ_TIMEOUT)
        answer = web.ask(endpoint, connection, 'GET', login)
        if answer.status != 200:
            raise OSError(f'the server answered HTTP {answer.status}')
        return answer.read

    return open_stream


def complain(text):
    print(text, file=sys.stderr, flush=True)


def main():
    order = json.loads(sys.stdin.readline())
    endpoint = web.Endpoint(**order['endpoint'])
    told = mmap.mmap(order['position_fd'], mmap.PAGESIZE)

    def tell(position):
        told[:8] = struct.pack('<Q', position)

    stream = Stream(opener(endpoint, order['login']), order['size'], tell)
    server = Server(order['socket'], stream)
    os.rename(order['socket'] + '.new', order['socket'])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    main()
