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
"""A web server with the disks of the fake source, and faults by chance."""

import base64
import functools
import http.server
import os
import random
import re
import ssl
import threading
from urllib import parse

import fixtures

from tests.unit.service.transfer import webserver

#: What may become of a request for a range, and how likely.
FAULTS = {'cut': 0.06, 'refused': 0.03, 'slow': 0.04, 'short': 0.02}


class Disks(fixtures.Fixture):
    """Serves the folder of the disks to who knows the password.

    :param clouds: ``drivers.fake.folder.Folder``; told of the server.
    :param kind: makes no faults.
    """

    def __init__(self, clouds, seed, login='user:secret', kind=False):
        super().__init__()
        self.folder = clouds.root / 'disks'
        self.login = base64.b64encode(login.encode()).decode()
        self.faults = 0
        self._clouds = clouds
        self._kind = kind
        self._random = random.Random(seed)

    def _setUp(self):
        pem, key = webserver.make_certificate(
            self.useFixture(fixtures.TempDir()).path
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        handler = functools.partial(Handler, self)
        server = webserver._Server(('127.0.0.1', 0), handler)
        server.tls = context
        thread = threading.Thread(
            target=server.serve_forever, args=(0.05,), daemon=True
        )
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        with open(pem) as certificate:
            told = {
                'url': f'https://disk.example:{server.server_address[1]}',
                'address': '127.0.0.1',
                'certificate': certificate.read(),
            }
        self._clouds.put(told, 'web', 'server')

    def fault(self):
        """Return what becomes of the next request for a range."""
        if self._kind:
            return None
        chosen = self._random.choices(
            [None, *FAULTS], [1 - sum(FAULTS.values()), *FAULTS.values()]
        )[0]
        self.faults += chosen is not None
        return chosen


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers ``HEAD`` and ranged ``GET`` as ``/folder`` does."""

    protocol_version = 'HTTP/1.1'

    def __init__(self, disks, *args):
        self.disks = disks
        super().__init__(*args)

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        path = self._path()
        if path:
            self._head(200, path.stat().st_size)

    def do_GET(self):
        path = self._path()
        if not path:
            return
        low, high = map(
            int, re.findall(r'\d+', self.headers['Range'].partition('=')[2])
        )
        fault = self.disks.fault()
        if fault == 'refused':
            self._head(503, 0)
            return
        if fault == 'slow':
            threading.Event().wait(0.3)
        size = path.stat().st_size
        high = min(high, size - 1)
        with open(path, 'rb') as image:
            image.seek(low)
            part = image.read(high + 1 - low)
        if fault == 'short':
            part = part[: len(part) // 2]
        told = f'bytes {low}-{low + len(part) - 1}/{size}'
        self._head(206, len(part), {'Content-Range': told})
        if fault == 'cut':
            part = part[: len(part) // 2]
            self.close_connection = True
        self.wfile.write(part)

    def _path(self):
        """Return the file asked for; None after refusing."""
        if self.headers.get('Authorization') != f'Basic {self.disks.login}':
            self._head(401, 0)
            return None
        name = os.path.basename(parse.unquote(parse.urlsplit(self.path).path))
        path = self.disks.folder / name
        if path.exists():
            return path
        self._head(404, 0)
        return None

    def _head(self, status, length, headers=None):
        self.send_response(status)
        self.send_header('Accept-Ranges', 'bytes')
        self.send_header('Content-Length', str(length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
