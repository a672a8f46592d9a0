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

"""Options of the account of the service: ``[service_auth]``."""

from keystoneauth1 import loading
from oslo_config import cfg

group = cfg.OptGroup(
    'service_auth',
    title='Account of the service',
    help="""
The account that users delegate their roles to when they create a migration.

It is the trustee of the trust of each migration: the API asks Keystone for its
id, and workers act through the trust with its credentials. It needs the role
``service`` on the project of the services, and none in the projects of users.
""",
)


def register_opts(conf):
    loading.register_auth_conf_options(conf, group.name)
    loading.register_session_conf_options(conf, group.name)


def list_opts():
    return {
        group: loading.get_auth_common_conf_options()
        + loading.get_auth_plugin_conf_options('password')
        + loading.get_session_conf_options()
    }
