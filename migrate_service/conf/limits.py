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

"""Options of limits: ``[limits]``, and ``[oslo_limit]`` of oslo.limit."""

from keystoneauth1 import loading
from oslo_config import cfg
from oslo_limit import opts as oslo_limit_opts

group = cfg.OptGroup(
    'limits',
    title='Limits of projects',
    help='What a project may have migrated at a time and in a day.',
)

opts = [
    cfg.BoolOpt(
        'enabled',
        default=False,
        help="""
Whether the limits of projects that are registered in Keystone hold.

Without it nothing is limited. With it, a resource that has no registered limit
is unlimited; ``migrate-manage limits register`` registers all of them.

Related options:

* ``[oslo_limit]``: the account that reads the limits, and the endpoint that
  they are registered for.
""",
    ),
    cfg.IntOpt(
        'soft_percent',
        default=80,
        min=1,
        max=100,
        help="""
From how much of a limit on, in percent, users are given a notice.

The notice is among the limits of the project, and among the warnings of the
migration that came so far. 100 gives one only when a limit is used up.
""",
    ),
]
#: Of oslo.limit, which registers most of it on a global ConfigOpts alone.
LIBRARY = 'oslo_limit'


def register_opts(conf):
    conf.register_opts(opts, group=group.name)
    oslo_limit_opts.register_opts(conf)
    loading.register_session_conf_options(conf, LIBRARY)
    loading.register_auth_conf_options(conf, LIBRARY)
    loading.register_adapter_conf_options(
        conf, LIBRARY, include_deprecated=False
    )


def list_opts():
    return {group: opts}
