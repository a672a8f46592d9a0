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

"""Options of metrics: ``[metrics]``."""

from oslo_config import cfg

group = cfg.OptGroup(
    'metrics',
    title='Metrics',
    help='Where conductors and workers show figures to Prometheus.',
)

opts = [
    cfg.HostAddressOpt(
        'bind_address',
        default='127.0.0.1',
        help="""
The address on which metrics are shown, by HTTP and to everybody who asks.

They name neither projects nor machines. Choose an address of the network of
your monitoring, or a proxy on this host that does TLS.

Related options:

* ``conductor_port``
* ``worker_port``
""",
    ),
    cfg.PortOpt(
        'conductor_port',
        default=0,
        help="""
The port on which a conductor shows its metrics. 0 shows none.

Of several processes of a conductor each takes a port of its own: this one and
those that follow it.

Related options:

* ``[conductor] workers``
""",
    ),
    cfg.PortOpt(
        'worker_port',
        default=0,
        help="""
The port on which a worker shows its metrics. 0 shows none.
""",
    ),
]


def register_opts(conf):
    conf.register_opts(opts, group=group.name)


def list_opts():
    return {group: opts}
