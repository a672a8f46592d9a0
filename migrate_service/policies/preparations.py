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

"""Policy of the preparation of guests."""

from oslo_policy import policy

from migrate_service.policies import base

PREPARE = 'migrate:migrations:prepare'

rules = [
    policy.DocumentedRuleDefault(
        name=PREPARE,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Prepare the guest of a warm migration at its source.',
        operations=[
            {
                'method': 'POST',
                'path': '/v1/migrations/{migration_id}/prepare',
            }
        ],
    ),
]


def list_rules():
    return rules
