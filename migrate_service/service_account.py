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

"""A Keystone session of the service's own account, ``[service_auth]``."""

from keystoneauth1 import loading

#: Scopes that a trust takes the place of.
_UNSCOPED = dict.fromkeys(
    (
        'project_id',
        'project_name',
        'project_domain_id',
        'project_domain_name',
        'domain_id',
        'domain_name',
        'system_scope',
    )
)


def session(conf, trust_id=None):
    """Return a session; it authenticates when it is first used.

    :param trust_id: of a trust to act through, instead of as ourselves.
    """
    scope = _UNSCOPED | {'trust_id': trust_id} if trust_id else {}
    auth = loading.load_auth_from_conf_options(conf, 'service_auth', **scope)
    return loading.load_session_from_conf_options(
        conf, 'service_auth', auth=auth
    )
