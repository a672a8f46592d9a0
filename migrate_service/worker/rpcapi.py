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

"""Hints to all workers; each may get lost without harm."""

from migrate_service import rpc


class WorkerAPI:
    """A client that casts to every worker."""

    def __init__(self, bus):
        self.client = rpc.client(bus, rpc.WORKER_TOPIC, fanout=True)

    def wake(self, context):
        """Hint that there may be something to claim."""
        self.client.cast(context, 'wake')

    def stop(self, context, ids):
        """Hint that these migrations were cancelled."""
        self.client.cast(context, 'stop', ids=ids)
