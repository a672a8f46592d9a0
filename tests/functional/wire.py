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
"""A wire to a server that hears all, and that may be cut."""

import os
import socket
import threading
from urllib import parse

import fixtures


class Wire(fixtures.Fixture):
    """Stands between this machine's processes and the broker.

    :param variable: name of the environment variable with the URL of the
        server; has the URL of the wire while this is in use.
    """

    def __init__(self, variable):
        super().__init__()
        self.variable = variable
        self.heard = []
        self._lock = threading.Lock()
        self._open = set()
        self._cut = False

    def _setUp(self):
        parts = parse.urlsplit(os.environ[self.variable])
        self._target = (parts.hostname, parts.port)
        self._server = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(self.cut)
        self.addCleanup(self._server.close)
        login = parts.netloc.rpartition('@')[0]
        port = self._server.getsockname()[1]
        url = parts._replace(netloc=f'{login}@127.0.0.1:{port}').geturl()
        self.useFixture(fixtures.EnvironmentVariable(self.variable, url))
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """End all connections, and refuse new ones."""
        with self._lock:
            self._cut = True
            ends = list(self._open)
        for end in ends:
            _end(end)

    def mend(self):
        """Let new connections through."""
        with self._lock:
            self._cut = False

    def _accept(self):
        while True:
            try:
                near, _address = self._server.accept()
            except OSError:
                return
            self._join(near)

    def _join(self, near):
        with self._lock:
            if self._cut:
                near.close()
                return
            try:
                far = socket.create_connection(self._target)
            except OSError:
                near.close()
                return
            self._open |= {near, far}
        for one, other in ((near, far), (far, near)):
            threading.Thread(
                target=self._carry, args=(one, other), daemon=True
            ).start()

    def _carry(self, one, other):
        heard = []
        with self._lock:
            self.heard.append(heard)
        try:
            while data := one.recv(65536):
                heard.append(data)
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            _end(end)
        with self._lock:
            self._open -= {one, other}


def _end(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
