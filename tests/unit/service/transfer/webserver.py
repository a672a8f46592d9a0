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

"""An HTTPS server with one disk and the faults that servers have."""

import base64
import functools
import http.server
import os
import re
import ssl
import subprocess
import threading

import fixtures


def make_certificate(folder, name='disk.example'):
    """Make a self-signed certificate; return (PEM path, key path)."""
    pem, key = (os.path.join(folder, f'{name}.{x}') for x in ('pem', 'key'))
    subprocess.run(  # noqa: S603
        [
            *('openssl', 'req', '-x509', '-newkey', 'ec', '-nodes'),
            *('-pkeyopt', 'ec_paramgen_curve:prime256v1', '-days', '2'),
            *('-subj', f'/CN={name}', '-addext', f'subjectAltName=DNS:{name}'),
            *('-keyout', key, '-out', pem),
        ],
        check=True,
        capture_output=True,
    )
    return pem, key


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def __init__(self, knobs, *args):
        self.knobs = knobs
        super().__init__(*args)

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def _answer(self, body):
        knobs = self.knobs
        size = len(knobs.content)
        asked = re.fullmatch(
            r'bytes=(\d+)-(\d+)', self.headers.get('Range', '')
        )
        low, high = (int(x) for x in asked.groups()) if asked else (0, size)
        status = 401 if not self._allowed() else knobs.status
        part = knobs.content[low : high + 1]
        if not body or status:
            part = part if not status else b''
            self.send_response(status or 200)
            self.send_header('Accept-Ranges', 'bytes')
            self.send_header('Content-Length', str(0 if status else size))
            self.end_headers()
            return
        knobs.requests += 1
        fault = knobs.fault and knobs.fault(knobs.requests, low, part)
        ignored = fault == 'ignore-range'
        part = knobs.content if ignored else part
        if fault == 'short':
            part = part[: len(part) // 2]
        self.send_response(200 if ignored else 206)
        if not ignored:
            told = f'bytes {low}-{low + len(part) - 1}/{size}'
            self.send_header('Content-Range', told)
        self.send_header('Accept-Ranges', 'bytes')
        self.send_header('Content-Length', str(len(part)))
        self.end_headers()
        if fault == 'cut':
            self.wfile.write(part[: len(part) // 2])
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
            return
        self.wfile.write(part)
        knobs.served += len(part)

    def _allowed(self):
        knobs = self.knobs
        if knobs.cookie:
            return self.headers.get('Cookie') == knobs.cookie
        if knobs.login:
            pair = base64.b64encode(knobs.login.encode()).decode()
            return self.headers.get('Authorization') == f'Basic {pair}'
        return True


class WebServer(fixtures.Fixture):
    """Serves ``content`` at every path.

    ``fault(number, offset, part)`` may return ``cut``, ``short`` or
    ``ignore-range`` for a ranged GET; ``status`` replaces all answers.
    """

    def __init__(self, content, name='disk.example', login=None, cookie=None):
        super().__init__()
        self.content = content
        self.name = name
        self.login = login
        self.cookie = cookie
        self.status = None
        self.fault = None
        self.requests = 0
        self.served = 0

    def _setUp(self):
        folder = self.useFixture(fixtures.TempDir()).path
        self.pem, key = make_certificate(folder, self.name)
        with open(self.pem) as pem:
            self.certificate = pem.read()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem, key)
        handler = functools.partial(_Handler, self)
        self.port = _start(self, handler, context)

    @property
    def url(self):
        return (
            f'https://{self.name}:{self.port}/folder/vm%201/vm-flat.vmdk'
            '?dcPath=DC&dsName=ds1'
        )


class StreamServer(fixtures.Fixture):
    """Serves one body without ranges, as the export of a lease does.

    :param login: ``user:password`` that it wants, or None.
    :param cut: after how many bytes it closes the connection, or None.
    """

    def __init__(self, body, login=None, cut=None):
        super().__init__()
        self.body = body
        self.login = login
        self.cut = cut
        self.requests = 0

    def _setUp(self):
        folder = self.useFixture(fixtures.TempDir()).path
        self.pem, key = make_certificate(folder)
        with open(self.pem) as pem:
            self.certificate = pem.read()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem, key)
        handler = functools.partial(_StreamHandler, self)
        self.port = _start(self, handler, context)

    @property
    def url(self):
        return f'https://disk.example:{self.port}/nfc/lease/disk-0.vmdk'


class _StreamHandler(http.server.BaseHTTPRequestHandler):
    def __init__(self, knobs, *args):
        self.knobs = knobs
        super().__init__(*args)

    def log_message(self, *args):
        pass

    def do_GET(self):
        knobs = self.knobs
        pair = base64.b64encode((knobs.login or '').encode()).decode()
        told = self.headers.get('Authorization')
        if knobs.login and told != f'Basic {pair}':
            self.send_error(401)
            return
        knobs.requests += 1
        self.send_response(200)
        self.send_header('Content-Length', str(len(knobs.body)))
        self.end_headers()
        self.wfile.write(knobs.body[: knobs.cut])


def _start(fixture, handler, context):
    """Serve until the fixture ends; return the port."""
    server = _Server(('127.0.0.1', 0), handler)
    server.tls = context
    thread = threading.Thread(
        target=server.serve_forever, args=(0.02,), daemon=True
    )
    thread.start()
    fixture.addCleanup(thread.join)
    fixture.addCleanup(server.server_close)
    fixture.addCleanup(server.shutdown)
    return server.server_address[1]


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def finish_request(self, request, client_address):
        with self.tls.wrap_socket(request, server_side=True) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, request, client_address):
        pass
