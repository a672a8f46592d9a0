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

"""Options of the worker: ``[worker]``."""

import socket

from oslo_config import cfg

group = cfg.OptGroup(
    'worker',
    title='Worker',
    help='What a conversion node is called, and how much it does at a time.',
)

opts = [
    cfg.StrOpt(
        'name',
        default=socket.gethostname(),
        sample_default='<host name>',
        help="""
The name of this conversion node, unique among the workers.

Operators address the worker by it. A worker that starts under the name of
another takes over the leases of that name, so two must never share one.
""",
    ),
    cfg.IntOpt(
        'slots',
        default=0,
        min=0,
        help="""
How many migrations this worker carries out at a time.

0 counts one slot for each processor that has 2 GiB of memory to go with it,
and at least one.
""",
    ),
    cfg.FloatOpt(
        'prepare_timeout',
        default=1800,
        min=1,
        help="""
Seconds that the preparation of a guest at its source may take.

After that the migration waits for its cutover again. What was begun in the
guest runs on there, to its own end.
""",
    ),
    cfg.FloatOpt(
        'heartbeat_interval',
        default=15,
        min=0.05,
        help="""
Seconds between two heartbeats, which also carry progress and checkpoints.

It is what a take-over after a crash has to do again at most, and how long a
cancellation may take when its hint is lost.

Related options:

* ``[conductor] lease_ttl`` must be at least four times this.
""",
    ),
    cfg.StrOpt(
        'workdir',
        default='/var/lib/migrate',
        help="""
The folder in which each migration gets a private directory.

Overlays and the files of an inspected guest need some hundred MiB a slot. The
worker creates it with mode 0700 and empties it when it starts.
""",
    ),
    cfg.StrOpt(
        'destination',
        default='openstack',
        choices=[
            ('openstack', 'Real clouds, through the trust of the user.'),
            ('fake', 'A cloud in memory, for tests.'),
        ],
        help="""
Where migrations go.

Related options:

* ``[api] auth_strategy`` ``noauth`` makes no trusts and so needs ``fake``.
""",
    ),
    cfg.StrOpt(
        'probe_namespace',
        help="""
The network namespace of this node from which tenants' networks are reached.

Users may ask that a new server answer a ping or accept a TCP connection
before a migration counts as completed. Such probes are sent from this
namespace and from nowhere else: addresses of tenants may be those of your own
hosts. When it is not set, these probes are refused.
""",
    ),
    cfg.StrOpt(
        'probe_plugging',
        default='none',
        choices=[
            ('none', 'This node is not plugged into networks of tenants.'),
            ('ovn', 'By Open vSwitch, on a node with ovn-controller.'),
        ],
        help="""
How this node gets into the isolated network of a rehearsal.

Probes of a rehearsal (ping, TCP, HTTP) are sent from inside its network. With
``ovn`` the worker makes a port there, in the project and on its quota, and
plugs a network namespace of this node into ``br-int`` with its id for as long
as the probes take. The node must run ``ovn-controller`` as a chassis of the
cloud. A worker that is not root runs ``ovs-vsctl`` and ``ip`` by ``sudo -n``.

With ``none`` a rehearsal looks at the console only, and a probe that is asked
for is refused; on a network that the user names, probes are sent from
``probe_namespace`` when that is set.
""",
    ),
    cfg.StrOpt(
        'probe_ovsdb_connection',
        default='unix:/var/run/openvswitch/db.sock',
        help="""
The database of Open vSwitch on this node, as ``ovs-vsctl --db`` takes it.

Related options:

* ``probe_plugging``: used only where it is ``ovn``.
""",
    ),
    cfg.ListOpt(
        'transports',
        default=['file', 'https', 'nfc'],
        item_type=cfg.types.String(choices=['file', 'https', 'vddk', 'nfc']),
        help="""
The ways in which this worker may read disks of a source.

``file`` reads from a datastore that is mounted on this node. ``https`` reads
ranges of the frozen disk through vCenter or ESXi; it needs ``nbdkit`` with
its curl plug-in. ``vddk`` reads with VMware's library, where there is one.
``nfc`` reads the stream of an export, of machines that are off only.

Related options:

* ``[vsphere] datastore_mounts`` says where datastores are mounted.
* ``[vsphere] vddk_libdir`` says where VMware's library is.
""",
    ),
]


def register_opts(conf):
    conf.register_opts(opts, group=group.name)


def list_opts():
    return {group: opts}
