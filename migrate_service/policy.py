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

"""Whether the user of a context may do something."""

from oslo_policy import policy

from migrate_service import conf as migrate_conf
from migrate_service import exceptions
from migrate_service import policies


class Policy:
    """The rules, as the defaults and the operator's file make them."""

    def __init__(self, conf):
        self.enforcer = policy.Enforcer(conf)
        self.enforcer.register_defaults(policies.list_rules())
        self.enforcer.load_rules()

    def allows(self, context, rule, project_id=None):
        """Return whether the rule lets the user act on the project.

        :param project_id: project of the resource; the user's own when not
            given.
        """
        target = {'project_id': project_id or context.project_id}
        try:
            return self.enforcer.authorize(rule, target, context)
        except policy.InvalidScope:
            return False

    def authorize(self, context, rule, project_id=None):
        """Refuse what the rule does not allow.

        :raises Forbidden: naming the rule.
        """
        if not self.allows(context, rule, project_id):
            raise exceptions.Forbidden(action=rule)


def get_enforcer():
    """Return an enforcer for the command line tools of oslo.policy."""
    conf = migrate_conf.prepare('migrate-policy')
    return Policy(conf).enforcer
