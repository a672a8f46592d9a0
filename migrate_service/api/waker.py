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

"""Tells a conductor that there may be work, without making users wait."""

import threading
from concurrent import futures

from oslo_log import log

from migrate_service import context as migrate_context
from migrate_service import rpc
from migrate_service.conductor import rpcapi

LOG = log.getLogger(__name__)


class Waker:
    """Sends hints from a thread of its own; one that waits is enough.

    The conductor looks for work by itself too, so that a bus that is down
    delays work but fails no request.
    """

    def __init__(self, conf):
        self._conf = conf
        self._lock = threading.Lock()
        self._thread = None
        self._waiting = None
        self._conductor = None

    def wake(self):
        """Hint soon; returns at once. Starts the thread at its first use.

        The process may have been forked since it was made.
        """
        with self._lock:
            if self._waiting and not self._waiting.running():
                if not self._waiting.done():
                    return
            if self._thread is None:
                self._thread = futures.ThreadPoolExecutor(1, 'waker')
            self._waiting = self._thread.submit(self._send)

    def _send(self):
        try:
            if self._conductor is None:
                bus = rpc.transport(self._conf)
                self._conductor = rpcapi.ConductorAPI(bus)
            self._conductor.wake(migrate_context.service_context())
        except Exception as error:
            LOG.warning('The conductor was not woken: %s', error)
