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

"""Options of the vSphere driver: ``[vsphere]``."""

from oslo_config import cfg

group = cfg.OptGroup(
    'vsphere',
    title='vSphere sources',
    help='Which vCenters and ESXi hosts are reached, and how.',
)

#: This host, this link (with the metadata service), unspecified, multicast,
#: and IPv4 addresses in the clothes of IPv6: RFC 6890, RFC 4291.
DENIED = [
    '0.0.0.0/8',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '224.0.0.0/4',
    '::/127',
    '::ffff:0:0/96',
    'fe80::/10',
    'ff00::/8',
]

opts = [
    cfg.ListOpt(
        'allowed_networks',
        default=[],
        help="""
Networks, in CIDR notation, in which sources may be.

Any project manager may name any address as a source, and the worker connects
to it. Name the networks of your vCenters here, so that nobody can make the
worker knock on other doors. Empty allows all but ``denied_networks``; an
address in a network that is named here is allowed even when denied there.
The check is made on the address that the name was resolved to, and that
address is the one that is used.

Related options:

* ``denied_networks``
""",
    ),
    cfg.ListOpt(
        'denied_networks',
        default=DENIED,
        help="""
Networks, in CIDR notation, in which no source may be.

Related options:

* ``allowed_networks`` is looked at first.
""",
    ),
    cfg.IntOpt(
        'connect_timeout',
        default=30,
        min=1,
        help="""
Seconds to wait for a source to accept a connection.
""",
    ),
    cfg.IntOpt(
        'read_timeout',
        default=300,
        min=1,
        help="""
Seconds to wait for the answer of a source to one call.

A call that ran out of time is not taken as undone: what it may have left
behind is looked for.
""",
    ),
    cfg.IntOpt(
        'task_timeout',
        default=1800,
        min=1,
        help="""
Seconds to wait for a task of vCenter, such as a snapshot or a power-off.
""",
    ),
    cfg.IntOpt(
        'connections',
        default=8,
        min=1,
        max=32,
        help="""
How many connections read one disk at the same time.

More of them help where the latency to the source is high, and load its hosts.
""",
    ),
    cfg.DictOpt(
        'datastore_mounts',
        default={},
        help="""
Where datastores are mounted on this node: address of the source, a slash,
name of the datastore, a colon and the path.

Disks on them are read from there instead of over HTTPS. The mount may be
read-only. For example ``vc.example.org/nfs-01:/mnt/nfs-01``.

The address is compared with that of the source, as its user gave it. It keeps
users who register a server of their own, with a datastore of the same name,
from reading what others have on the mount. Names that several datacenters of
the source use are not read from mounts.

Related options:

* ``[worker] transports`` must hold ``file``.
""",
    ),
    cfg.StrOpt(
        'vddk_libdir',
        help="""
The folder of VMware's Virtual Disk Development Kit on this node.

It has ``lib64/libvixDiskLib.so.N`` in it and, beside it, what the library
needs. Without it the transport ``vddk`` is not available.

Related options:

* ``vddk_plugin``
* ``[worker] transports`` must hold ``vddk``.
""",
    ),
    cfg.StrOpt(
        'vddk_plugin',
        default='vddk',
        help="""
Name or path of nbdkit's vddk plug-in.

It must be one that knows the version of the library in ``vddk_libdir``.
""",
    ),
    cfg.StrOpt(
        'vddk_transports',
        default='nbdssl',
        help="""
VDDK's own transport modes, in the order in which it tries them.

``nbdssl`` reads through the host, encrypted; ``nbd`` does so in clear, so
that whoever is on the path can read and change the disks; ``san`` and
``hotadd`` need a node that sees the storage, or runs in vSphere. For example
``san:nbdssl``.
""",
    ),
    cfg.StrOpt(
        'vddk_compression',
        default='none',
        choices=['none', 'zlib', 'fastlz', 'skipz'],
        help="""
How VDDK compresses what it reads over the network.

It costs time of processors on the host and on this node.
""",
    ),
]


def register_opts(conf):
    conf.register_opts(opts, group=group.name)


def list_opts():
    return {group: opts}
