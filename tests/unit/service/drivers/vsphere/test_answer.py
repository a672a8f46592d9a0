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

"""Answers of servers that anybody may register end."""

import functools
import http.client
import http.server
import threading
import time

import testtools

from migrate_service.drivers.vsphere import tls


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        self.send_response(200)
        getattr(self, self.path[1:])()

    def plain(self):
        self.send_header('Content-Length', '100000')
        self.end_headers()
        self.wfile.write(bytes(100000))

    def empty(self):
        self.send_header('Content-Length', '0')
        self.end_headers()

    def chunked(self):
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        for piece in (70000, 30000):
            self.wfile.write(b'%x\r\n' % piece + bytes(piece) + b'\r\n')
        self.wfile.write(b'0\r\n\r\n')

    def endless(self):
        self.send_header('Content-Length', str(2**40))
        self.end_headers()
        try:
            while True:
                self.wfile.write(bytes(1000))
                time.sleep(0.001)
        except OSError:
            self.close_connection = True

    def log_message(self, *args):
        pass


class TestAnswer(testtools.TestCase):
    def setUp(self):
        super().setUp()
        address = ('127.0.0.1', 0)
        server = http.server.ThreadingHTTPServer(address, Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.connection = http.client.HTTPConnection(*server.server_address)
        self.connection.response_class = tls.Answer
        self.addCleanup(self.connection.close)

    def ask(self, path):
        self.connection.request('GET', path)
        return self.connection.getresponse()

    def test_a_connection_serves_again_after_each_kind(self):
        for path, size in (
            ('/plain', 100000),
            ('/chunked', 100000),
            ('/empty', 0),
            ('/plain', 100000),
        ):
            self.assertEqual(size, len(self.ask(path).read()), path)

    def test_it_may_be_read_by_pieces_as_pyvmomi_does(self):
        for path in ('/plain', '/chunked', '/plain'):
            answer = self.ask(path)
            read = functools.partial(answer.read, 2048)
            got = len(b''.join(iter(read, b'')))
            self.assertEqual(100000, got, path)
            self.assertEqual(b'', answer.read())

    def test_no_end(self):
        self.patch(tls, 'LONGEST', 20000)
        answer = self.ask('/endless')
        self.assertRaises(http.client.HTTPException, answer.read)

    def test_no_hurry(self):
        self.patch(tls, 'SLOWEST', 0.05)
        answer = self.ask('/endless')
        self.assertRaises(http.client.HTTPException, answer.read)
