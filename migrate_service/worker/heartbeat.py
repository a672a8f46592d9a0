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

"""One call an interval renews all leases and stores what they report."""

import threading
import time

from oslo_log import log as logging

from migrate_service import context as migrate_context

LOG = logging.getLogger(__name__)


class Heartbeat:
    """Tells the conductors about all leases of this worker.

    A worker that nobody answers goes on until ``Work.check`` finds that its
    leases may expire soon: the clock fences, not this thread.

    :param describe: returns the ``worker`` argument of the call.
    :param works: returns the list of the works that are running.
    """

    def __init__(
        self, *, conductor, describe, works, interval, clock=time.monotonic
    ):
        self.answered_at = None
        self._conductor = conductor
        self._describe = describe
        self._works = works
        self._interval = interval
        self._clock = clock
        self._context = migrate_context.service_context()
        self._hurry = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name='heartbeat', daemon=True
        )

    def start(self):
        self._thread.start()

    def stop(self):
        """End the thread after the beat that may be under way."""
        self._stopped.set()
        self._hurry.set()
        self._thread.join(10)

    def hurry(self):
        """Have the next beat sent now."""
        self._hurry.set()

    def beat(self):
        """Send one heartbeat and hand the answers to the works."""
        sent_at = self._clock()
        works = self._works()
        reports = [work.report() for work in works]
        try:
            answer = self._conductor.heartbeat(
                self._context,
                worker=self._describe(),
                leases=[entry for entry, token in reports],
            )
        except Exception:
            for work in works:
                work.unanswered()
            raise
        orders = {
            (lease['kind'], lease['id']): lease['order']
            for lease in answer['leases']
        }
        self.answered_at = sent_at
        for work, (_entry, token) in zip(works, reports, strict=True):
            order = orders.get((work.kind, work.id))
            work.reported(token, sent_at, order)

    def _run(self):
        while not self._stopped.is_set():
            try:
                self.beat()
            except Exception as error:
                LOG.warning('No conductor answered the heartbeat: %s', error)
                self._stopped.wait(min(self._interval, 5))
            self._hurry.wait(self._interval)
            self._hurry.clear()
