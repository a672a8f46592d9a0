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

"""Rules of plans."""

from oslo_policy import policy

from migrate_service.policies import base

LIST = 'migrate:plans:list'
LIST_ALL = 'migrate:plans:list_all'
SHOW = 'migrate:plans:show'
CREATE = 'migrate:plans:create'
UPDATE = 'migrate:plans:update'
DELETE = 'migrate:plans:delete'
ACT = 'migrate:plans:act'
SIMULATE = 'migrate:plans:simulate'

PLAN = '/v1/plans/{plan_id}'

rules = [
    policy.DocumentedRuleDefault(
        name=LIST,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the plans of the project.',
        operations=[{'method': 'GET', 'path': '/v1/plans'}],
    ),
    policy.DocumentedRuleDefault(
        name=LIST_ALL,
        check_str=base.ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the plans of all projects.',
        operations=[{'method': 'GET', 'path': '/v1/plans?all_projects=true'}],
    ),
    policy.DocumentedRuleDefault(
        name=SHOW,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Show a plan, its machines and its events.',
        operations=[
            {'method': 'GET', 'path': PLAN},
            {'method': 'GET', 'path': f'{PLAN}/machines'},
            {'method': 'GET', 'path': f'{PLAN}/events'},
        ],
    ),
    policy.DocumentedRuleDefault(
        name=SIMULATE,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Simulate how long a plan would take.',
        operations=[{'method': 'GET', 'path': f'{PLAN}/simulation'}],
    ),
    policy.DocumentedRuleDefault(
        name=CREATE,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Create a plan.',
        operations=[{'method': 'POST', 'path': '/v1/plans'}],
    ),
    policy.DocumentedRuleDefault(
        name=UPDATE,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Change a plan.',
        operations=[{'method': 'PATCH', 'path': PLAN}],
    ),
    policy.DocumentedRuleDefault(
        name=DELETE,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Delete a plan.',
        operations=[{'method': 'DELETE', 'path': PLAN}],
    ),
    policy.DocumentedRuleDefault(
        name=ACT,
        check_str=base.PROJECT_MANAGER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Start, pause, resume, cut over or cancel a plan.',
        operations=[
            {'method': 'POST', 'path': f'{PLAN}/{action}'}
            for action in ('start', 'pause', 'resume', 'cutover', 'cancel')
        ],
    ),
]


def list_rules():
    return rules
