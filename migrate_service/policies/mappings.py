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

"""Rules of mappings."""

from oslo_policy import policy

from migrate_service.policies import base

LIST = 'migrate:mappings:list'
LIST_ALL = 'migrate:mappings:list_all'
SHOW = 'migrate:mappings:show'
UNMAPPED = 'migrate:mappings:unmapped'
CREATE = 'migrate:mappings:create'
UPDATE = 'migrate:mappings:update'
DELETE = 'migrate:mappings:delete'

_PATH = '/v1/mappings/{mapping_id}'

rules = [
    policy.DocumentedRuleDefault(
        name=LIST,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the mappings of the project.',
        operations=[{'method': 'GET', 'path': '/v1/mappings'}],
    ),
    policy.DocumentedRuleDefault(
        name=LIST_ALL,
        check_str=base.ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the mappings of all projects.',
        operations=[
            {'method': 'GET', 'path': '/v1/mappings?all_projects=true'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=SHOW,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Show a mapping; move and assess machines with it.',
        operations=[{'method': 'GET', 'path': _PATH}],
    ),
    policy.DocumentedRuleDefault(
        name=UNMAPPED,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='See what of a set of machines a mapping leaves open.',
        operations=[{'method': 'POST', 'path': f'{_PATH}/unmapped'}],
    ),
    policy.DocumentedRuleDefault(
        name=CREATE,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Create a mapping.',
        operations=[{'method': 'POST', 'path': '/v1/mappings'}],
    ),
    policy.DocumentedRuleDefault(
        name=UPDATE,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Change a mapping.',
        operations=[{'method': 'PATCH', 'path': _PATH}],
    ),
    policy.DocumentedRuleDefault(
        name=DELETE,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Delete a mapping.',
        operations=[{'method': 'DELETE', 'path': _PATH}],
    ),
]


def list_rules():
    return rules
