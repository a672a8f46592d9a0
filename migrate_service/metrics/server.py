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

"""Shows a registry of metrics on a port."""

import prometheus_client
from oslo_log import log as logging

LOG = logging.getLogger(__name__)


def wanted(first, count):
    """Return the ports to try, in order."""
    return range(first, first + count) if first else ()


class Server:
    """An HTTP server that runs from ``start`` to ``stop``.

    :param options: ``[metrics]``.
    :param port: the first port; 0 shows nothing.
    :param ports: how many ports are tried, one after the other: as many as
        there are processes that want one.
    """

    def __init__(self, options, registry, port, ports=1):
        #: The port that is listened on; None while none is.
        self.port = None
        self._address = options.bind_address
        self._registry = registry
        self._wanted = wanted(port, ports)
        self._server = None

    def start(self):
        """Listen on the first port that is free.

        A port that cannot be had costs the metrics, not the service.
        """
        for port in self._wanted:
            try:
                self._server, self._thread = (
                    prometheus_client.start_http_server(
                        port, self._address, self._registry
                    )
                )
            except OSError as error:
                LOG.debug('No metrics on port %s: %s', port, error)
                continue
            self.port = self._server.server_port
            LOG.info('Metrics are at %s, port %s', self._address, self.port)
            return
        if self._wanted:
            LOG.warning(
                'There are no metrics: of %s none of the ports %s to %s '
                'can be had',
                self._address,
                self._wanted[0],
                self._wanted[-1],
            )

    def stop(self):
        """Close the port."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = self.port = None
