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
"""Rules of assessments."""

from oslo_policy import policy

from migrate_service.policies import base

LIST = 'migrate:assessments:list'
LIST_ALL = 'migrate:assessments:list_all'
SHOW = 'migrate:assessments:show'
CREATE = 'migrate:assessments:create'
DELETE = 'migrate:assessments:delete'

rules = [
    policy.DocumentedRuleDefault(
        name=LIST,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the assessments of the project.',
        operations=[{'method': 'GET', 'path': '/v1/assessments'}],
    ),
    policy.DocumentedRuleDefault(
        name=LIST_ALL,
        check_str=base.ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the assessments of all projects.',
        operations=[
            {'method': 'GET', 'path': '/v1/assessments?all_projects=true'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=SHOW,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Show an assessment and what it found.',
        operations=[
            {'method': 'GET', 'path': '/v1/assessments/{assessment_id}'},
            {
                'method': 'GET',
                'path': '/v1/assessments/{assessment_id}/machines',
            },
        ],
    ),
    policy.DocumentedRuleDefault(
        name=CREATE,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Have machines assessed.',
        operations=[{'method': 'POST', 'path': '/v1/assessments'}],
    ),
    policy.DocumentedRuleDefault(
        name=DELETE,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Delete an assessment.',
        operations=[
            {'method': 'DELETE', 'path': '/v1/assessments/{assessment_id}'}
        ],
    ),
]


def list_rules():
    return rules
