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

"""The bus: transport, contexts over it, clients, servers, their topics.

Everything that crosses it is plain data; no secret ever does. The threading
backend of oslo.service must be chosen before this module is imported.
"""

import oslo_messaging as messaging
from oslo_messaging._metrics import client as metrics
from oslo_messaging._tracing import client as tracing

from migrate_service import context as migrate_context

CONDUCTOR_TOPIC = 'migrate-conductor'
WORKER_TOPIC = 'migrate-worker'
#: What servers answer, with all minor versions before it, and what clients
#: ask for. Conductors are upgraded before workers: their casts to workers stay
#: at what the workers of the release before know.
VERSION = '1.0'

#: Errors of these modules arrive as themselves on the caller's side.
ALLOWED_REMOTE_MODULES = ['migrate_service.exceptions']

#: Tries to reach the broker before a call or cast fails: nobody may hang
#: for longer than a lease.
RETRIES = 2


class ContextSerializer(messaging.NoOpSerializer):
    """Carries the request context as the dict it makes of itself."""

    def serialize_context(self, context):
        return context.to_dict()

    def deserialize_context(self, values):
        return migrate_context.RequestContext.from_dict(values)


def transport(conf):
    """Return the transport for calls, as ``transport_url`` says."""
    # oslo.messaging 18.3 reads these from our ConfigOpts with each call but
    # registers them on the global one only.
    conf.register_opts(
        metrics.oslo_messaging_metrics, group='oslo_messaging_metrics'
    )
    conf.register_opts(
        tracing.oslo_messaging_tracing, group='oslo_messaging_tracing'
    )
    return messaging.get_rpc_transport(
        conf, allowed_remote_exmods=ALLOWED_REMOTE_MODULES
    )


def close(conf, bus):
    """End the connections of a transport.

    The fake bus is one for the whole process: its end would be everybody's.
    """
    if not conf.transport_url.startswith('fake:'):
        bus.cleanup()


def client(bus, topic, fanout=False):
    """Return a client of all servers that listen to ``topic``.

    :param fanout: whether a cast goes to each of them instead of to one.
    """
    target = messaging.Target(topic=topic, version=VERSION, fanout=fanout)
    return messaging.get_rpc_client(
        bus, target, serializer=ContextSerializer(), retry=RETRIES
    )


def server(bus, topic, host, endpoints):
    """Return a server of ``endpoints`` under the name ``host``."""
    for endpoint in endpoints:
        endpoint.target = messaging.Target(version=VERSION)
    target = messaging.Target(topic=topic, server=host)
    return messaging.get_rpc_server(
        bus, target, endpoints, serializer=ContextSerializer()
    )
