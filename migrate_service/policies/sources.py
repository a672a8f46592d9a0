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

"""Rules of sources."""

from oslo_policy import policy

from migrate_service.policies import base

LIST = 'migrate:sources:list'
LIST_ALL = 'migrate:sources:list_all'
SHOW = 'migrate:sources:show'
CREATE = 'migrate:sources:create'
UPDATE = 'migrate:sources:update'
DELETE = 'migrate:sources:delete'
REFRESH = 'migrate:sources:refresh'

rules = [
    policy.DocumentedRuleDefault(
        name=LIST,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the sources of the project.',
        operations=[{'method': 'GET', 'path': '/v1/sources'}],
    ),
    policy.DocumentedRuleDefault(
        name=LIST_ALL,
        check_str=base.ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the sources of all projects.',
        operations=[
            {'method': 'GET', 'path': '/v1/sources?all_projects=true'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=SHOW,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Show a source.',
        operations=[{'method': 'GET', 'path': '/v1/sources/{source_id}'}],
    ),
    policy.DocumentedRuleDefault(
        name=CREATE,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Register a source with its credentials.',
        operations=[{'method': 'POST', 'path': '/v1/sources'}],
    ),
    policy.DocumentedRuleDefault(
        name=UPDATE,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Change a source or its credentials.',
        operations=[{'method': 'PATCH', 'path': '/v1/sources/{source_id}'}],
    ),
    policy.DocumentedRuleDefault(
        name=DELETE,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Delete a source that no migration uses.',
        operations=[{'method': 'DELETE', 'path': '/v1/sources/{source_id}'}],
    ),
    policy.DocumentedRuleDefault(
        name=REFRESH,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Verify a source and read its inventory again.',
        operations=[
            {'method': 'POST', 'path': '/v1/sources/{source_id}/refresh'}
        ],
    ),
]


def list_rules():
    return rules
