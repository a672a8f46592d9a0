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
"""Conductors are upgraded first: workers of the release before go on."""

import oslo_messaging as messaging

from migrate_service import rpc
from migrate_service.conductor import manager as conductor_manager
from tests.functional import base

NEWER = '1.1'
#: What a release to come may send beside what we know.
UNKNOWN = {'of_the_next_release': {'a': [1]}}


def newer_server(topic, serve):
    """Return ``rpc.server`` that is one minor version ahead on a topic."""

    def server(bus, name, host, endpoints):
        made = serve(bus, name, host, endpoints)
        if name == topic:
            for endpoint in endpoints:
                endpoint.target = messaging.Target(version=NEWER)
        return made

    return server


class TestNewConductor(base.TestCase):
    """The worker is ours; the conductor answers as the next release may."""

    def setUp(self):
        # The topics are named before the service starts, and after this.
        self.patch(rpc, 'server', self._server)
        self.served = []
        for name in ('claim', 'heartbeat', 'finish'):
            told = getattr(conductor_manager.ConductorManager, name)
            self.patch(
                conductor_manager.ConductorManager, name, self._more(told)
            )
        super().setUp()

    _serve = staticmethod(rpc.server)

    def _server(self, bus, topic, host, endpoints):
        self.served.append(topic)
        serve = newer_server(rpc.CONDUCTOR_TOPIC, self._serve)
        return serve(bus, topic, host, endpoints)

    def _more(self, told):
        """Return a method of the conductor that says more than we know."""

        def tell(manager, *arguments, **options):
            answer = told(manager, *arguments, **options)
            return answer | UNKNOWN if isinstance(answer, dict) else answer

        # What marks the errors that callers are meant to see.
        tell.__dict__.update(told.__dict__)
        return tell

    def test_an_old_worker_moves_a_machine(self):
        self.assertIn(rpc.CONDUCTOR_TOPIC, self.served)
        machine = self.add_machine(sizes=(base.MIB,))
        id = self.create(self.ready_source(), machine)
        done = self.wait_for_status(id, 'completed')
        self.assert_copied(done, machine)

    def test_an_old_worker_cancels(self):
        self.doors['copy_disks'] = 'hold'
        machine = self.add_machine(sizes=(base.MIB,))
        id = self.create(self.ready_source(), machine)
        self.wait_for_door('copy_disks')
        self.request('POST', f'/migrations/{id}/cancel')
        self.wait_for_status(id, 'cancelled')


class TestOldConductor(base.TestCase):
    """The wrong order is noticed at the first call, and does no harm."""

    def test_a_newer_worker_is_refused(self):
        self.patch(rpc, 'VERSION', NEWER)
        bus = rpc.transport(self.conf)
        self.addCleanup(rpc.close, self.conf, bus)
        client = rpc.client(bus, rpc.CONDUCTOR_TOPIC)
        error = self.assertRaises(
            (messaging.RemoteError, messaging.UnsupportedVersion),
            client.call,
            self.context,
            'wake',
        )
        # It crosses the bus as a remote error on RabbitMQ.
        self.assertIn('UnsupportedVersion', f'{type(error)} {error}')
