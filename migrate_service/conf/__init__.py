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

"""The options of the service, registered on a ConfigOpts one is given.

Nothing here touches a global: each process, and each test, has its own
``oslo_config.cfg.ConfigOpts``.
"""

from oslo_config import cfg
from oslo_db import options as db_options
from oslo_log import log
from oslo_middleware import cors
from oslo_middleware.healthcheck import opts as healthcheck_opts
from oslo_policy import opts as policy_opts

from migrate_service import version
from migrate_service.conf import api
from migrate_service.conf import conductor
from migrate_service.conf import fake
from migrate_service.conf import limits
from migrate_service.conf import metrics
from migrate_service.conf import openstack
from migrate_service.conf import secrets
from migrate_service.conf import service_auth
from migrate_service.conf import vsphere
from migrate_service.conf import worker

PROJECT = 'migrate'
#: Every module here that holds the options of a group.
GROUPS = (
    api,
    conductor,
    fake,
    limits,
    metrics,
    openstack,
    secrets,
    service_auth,
    vsphere,
    worker,
)
#: Log levels of libraries whose INFO says nothing to an operator.
QUIET = [
    'keystoneauth=WARNING',
    'keystonemiddleware=WARNING',
    'oslo_messaging=INFO',
    'urllib3=WARNING',
]


def register_opts(conf):
    """Register our own groups and those of the libraries on ``conf``.

    Groups go by name: an ``OptGroup`` object that is registered on two
    ConfigOpts makes them share their values.
    """
    for group in GROUPS:
        group.register_opts(conf)
    db_options.set_defaults(conf)
    policy_opts.set_defaults(conf, policy_file='policy.yaml')
    log.register_options(conf)


def set_lib_defaults():
    """Change defaults of libraries, for processes and sample files."""
    log.set_defaults(default_log_levels=log.get_default_log_levels() + QUIET)
    cfg.set_defaults(
        healthcheck_opts.HEALTHCHECK_OPTS, backends=['migrate_database']
    )
    cors.set_defaults(
        allow_headers=[
            'Content-Type',
            'OpenStack-API-Version',
            'X-Auth-Token',
            'X-Openstack-Request-Id',
        ],
        allow_methods=['GET', 'POST', 'PATCH', 'DELETE'],
        expose_headers=['OpenStack-API-Version', 'X-Openstack-Request-Id'],
    )


def prepare(program, argv=(), default_config_files=None):
    """Return the ConfigOpts of a process, read from files and ``argv``.

    :param program: name of the process, such as ``migrate-conductor``; the
        files ``migrate.conf`` and ``<program>.conf`` are looked for in the
        usual places unless ``--config-file`` or ``default_config_files``
        name others.
    :raises oslo_config.cfg.Error: a file or a value is not valid.
    """
    conf = cfg.ConfigOpts()
    set_lib_defaults()
    register_opts(conf)
    conf(
        list(argv),
        project=PROJECT,
        prog=program,
        version=version.version_info.version_string(),
        default_config_files=default_config_files,
    )
    log.setup(conf, program)
    return conf
