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

"""Rules of rehearsals."""

from oslo_policy import policy

from migrate_service.policies import base

CREATE = 'migrate:rehearsals:create'
LIST = 'migrate:rehearsals:list'
SHOW = 'migrate:rehearsals:show'

_PATH = '/v1/migrations/{migration_id}'

rules = [
    policy.DocumentedRuleDefault(
        name=CREATE,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Boot clones of a warm migration on an isolated network.',
        operations=[{'method': 'POST', 'path': f'{_PATH}/rehearse'}],
    ),
    policy.DocumentedRuleDefault(
        name=LIST,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the rehearsals of a migration.',
        operations=[{'method': 'GET', 'path': f'{_PATH}/rehearsals'}],
    ),
    policy.DocumentedRuleDefault(
        name=SHOW,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Show a rehearsal with the console of its guest.',
        operations=[
            {'method': 'GET', 'path': f'{_PATH}/rehearsals/{{rehearsal_id}}'}
        ],
    ),
]


def list_rules():
    return rules
