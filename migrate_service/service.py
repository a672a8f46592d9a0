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

"""A daemon: an RPC server and the manager behind it."""

import threading
import typing

from oslo_log import log as logging
from oslo_service import service

from migrate_service import rpc

LOG = logging.getLogger(__name__)


class RPCService(service.Service):
    """Serves the endpoints of a manager on a topic until it is stopped.

    It is made before the process forks: what has threads or connections is
    made in ``start``.

    :param make_manager: called as ``make_manager(conf, bus)``; what it
        returns has ``host``, ``endpoints``, ``start`` and ``stop``.
    """

    def __init__(self, conf, topic, make_manager):
        super().__init__()
        self.conf = conf
        self.topic = topic
        self.manager: typing.Any = None
        self._make_manager = make_manager
        self._bus: typing.Any = None
        self._server: typing.Any = None
        self._ended = threading.Event()

    def start(self):
        super().start()
        self._bus = rpc.transport(self.conf)
        self.manager = self._make_manager(self.conf, self._bus)
        self._server = rpc.server(
            self._bus, self.topic, self.manager.host, self.manager.endpoints
        )
        self._server.start()
        self.manager.start()
        LOG.info('Serving %s as %s', self.topic, self.manager.host)

    def stop(self, graceful=False):
        """End in good order: nothing is left half told."""
        self.manager.stop()
        self._server.stop()
        self._server.wait()
        rpc.close(self.conf, self._bus)
        super().stop(graceful)
        self._ended.set()

    def wait(self):
        self._ended.wait()
