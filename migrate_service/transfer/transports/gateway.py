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

"""A gateway from a unix socket to one disk file of one checked web server.

nbdkit's curl plugin resolves host names itself, needs the login, and takes
a full answer (200) for the range it asked for, which would be silent
corruption. So it talks plain HTTP to this child process on a unix socket
instead; TLS, the login and the check of each range are done here. The
order is one JSON line on stdin, later lines are new headers, and the end
of stdin is the end: ``python -m migrate_service.transfer.transports.gateway``.
"""

import http.client
import http.server
import json
import os
import re
import socketserver
import sys
import threading

from migrate_service.transfer import errors
from migrate_service.transfer.transports import web

BUFFER = 256 * 1024


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of nbdkit and its own connection to the server."""

    server: 'Server'
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = False

    def setup(self):
        super().setup()
        self._upstream = None

    def finish(self):
        if self._upstream:
            self._upstream.close()
        super().finish()

    def do_HEAD(self):
        answer = self._ask('HEAD', {})
        if answer:
            answer.read()
            self.send_response(answer.status)
            self.send_header('Accept-Ranges', 'bytes')
            length = answer.getheader('Content-Length', '0')
            self.send_header('Content-Length', length)
            self.end_headers()

    def do_GET(self):
        asked = self.headers.get('Range', '')
        match = re.fullmatch(r'bytes=(\d+)-(\d+)', asked)
        if not match:
            self._refuse(f'a request without a range: {asked!r}')
            return
        answer = self._ask('GET', {'Range': asked})
        if answer:
            self._pass_on(answer, *map(int, match.groups()))

    def _ask(self, method, headers):
        """Return the answer of the server; None after telling an error."""
        for attempt in (1, 2):
            fresh = not self._upstream
            try:
                if fresh:
                    self._upstream = web.connect(self.server.endpoint)
                return web.ask(
                    self.server.endpoint,
                    self._upstream,
                    method,
                    headers | self.server.login,
                )
            except (OSError, http.client.HTTPException) as error:
                self._drop()
                if fresh or attempt == 2:
                    self._refuse(str(error) or type(error).__name__)
                    return None
            except errors.TransportFailed as error:
                self._drop()
                self._refuse(str(error))
                return None
        return None

    def _pass_on(self, answer, low, high):
        """Pass a range on; nbdkit 1.32 asks for one byte too many."""
        size = self.server.size
        high = min(high, size - 1)
        told = answer.getheader('Content-Range')
        length = answer.getheader('Content-Length')
        wanted = (206, f'bytes {low}-{high}/{size}', str(high - low + 1))
        if (answer.status, told, length) != wanted:
            self._drop()
            self._refuse(
                f'HTTP {answer.status} with the range {told!r} and '
                f'{length} bytes for bytes {low}-{high} of {size}'
            )
            return
        self.send_response(206)
        self.send_header('Content-Range', told)
        self.send_header('Content-Length', length)
        self.end_headers()
        self._stream(answer, high - low + 1)

    def _stream(self, answer, left):
        buffer = memoryview(bytearray(BUFFER))
        try:
            while left:
                count = answer.readinto(buffer[: min(left, BUFFER)])
                if not count:
                    raise OSError(f'the answer ended {left} bytes early')
                self.wfile.write(buffer[:count])
                left -= count
        except (OSError, http.client.HTTPException) as error:
            self._tell(str(error))
            self.close_connection = True
            self._drop()

    def _refuse(self, reason):
        self._tell(reason)
        self.send_response(502)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def _tell(self, reason):
        print(reason, file=sys.stderr, flush=True)

    def _drop(self):
        if self._upstream:
            self._upstream.close()
        self._upstream = None

    def log_message(self, *args):
        pass

    def address_string(self):
        return 'nbdkit'


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Listens for nbdkit; ``login`` is replaced when a cookie is renewed."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, order):
        super().__init__(order['socket'] + '.new', Handler)
        self.endpoint = web.Endpoint(**order['endpoint'])
        self.size = order['size']
        self.login = order['login']

    def obey(self):
        """Take new logins until stdin ends, then end the process."""
        for line in sys.stdin:
            self.login = json.loads(line)['login']
        os._exit(3)


def main():
    order = json.loads(sys.stdin.readline())
    server = Server(order)
    threading.Thread(target=server.obey, daemon=True).start()
    os.rename(order['socket'] + '.new', order['socket'])
    server.serve_forever()


if __name__ == '__main__':
    main()
