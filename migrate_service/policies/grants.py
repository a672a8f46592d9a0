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

"""Rules of grants."""

from oslo_policy import policy

from migrate_service.policies import base

LIST = 'migrate:grants:list'
SHOW = 'migrate:grants:show'
CREATE = 'migrate:grants:create'
DELETE = 'migrate:grants:delete'

_PATH = '/v1/sources/{source_id}/grants'

rules = [
    policy.DocumentedRuleDefault(
        name=LIST,
        check_str=base.ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the grants of a source.',
        operations=[{'method': 'GET', 'path': _PATH}],
    ),
    policy.DocumentedRuleDefault(
        name=SHOW,
        check_str=base.ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Show a grant of a source.',
        operations=[{'method': 'GET', 'path': f'{_PATH}/{{grant_id}}'}],
    ),
    policy.DocumentedRuleDefault(
        name=CREATE,
        check_str=base.ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Let a project see a part of a source.',
        operations=[{'method': 'POST', 'path': _PATH}],
    ),
    policy.DocumentedRuleDefault(
        name=DELETE,
        check_str=base.ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Take a grant back.',
        operations=[{'method': 'DELETE', 'path': f'{_PATH}/{{grant_id}}'}],
    ),
]


def list_rules():
    return rules
