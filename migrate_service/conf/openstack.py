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

"""Options of the OpenStack driver: ``[openstack]``."""

from oslo_config import cfg

group = cfg.OptGroup(
    'openstack',
    title='OpenStack destination',
    help='How workers reach the cloud into which they move machines.',
)

opts = [
    cfg.StrOpt(
        'region',
        help="""
The region of the catalogue whose services are used.

When it is not set, the first region that the catalogue names.
""",
    ),
    cfg.StrOpt(
        'interface',
        default='internal',
        choices=['public', 'internal', 'admin'],
        help="""
Which endpoints of the catalogue are used.
""",
    ),
    cfg.HostAddressOpt(
        'my_ip',
        default='127.0.0.1',
        sample_default='<address of this node>',
        help="""
The address of this node that Cinder's back ends see.

It goes into the connector properties with which volumes are attached.
""",
    ),
    cfg.IntOpt(
        'request_timeout',
        default=120,
        min=1,
        help="""
Seconds to wait for the answer to one request.
""",
    ),
    cfg.IntOpt(
        'volume_timeout',
        default=600,
        min=1,
        help="""
Seconds to wait for a volume to become available, attached or deleted.
""",
    ),
    cfg.IntOpt(
        'server_timeout',
        default=900,
        min=1,
        help="""
Seconds to wait for a server to become active, stopped or deleted.
""",
    ),
    cfg.FloatOpt(
        'poll_interval',
        default=2,
        min=0.1,
        help="""
Seconds between two looks at a resource that is being waited for.
""",
    ),
]


def register_opts(conf):
    conf.register_opts(opts, group=group.name)


def list_opts():
    return {group: opts}
