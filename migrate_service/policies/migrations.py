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

"""Rules of migrations."""

from oslo_policy import policy

from migrate_service.policies import base

LIST = 'migrate:migrations:list'
LIST_ALL = 'migrate:migrations:list_all'
SHOW = 'migrate:migrations:show'
SHOW_WORKER = 'migrate:migrations:show_worker'
CREATE = 'migrate:migrations:create'
DELETE = 'migrate:migrations:delete'
CANCEL = 'migrate:migrations:cancel'
RETRY = 'migrate:migrations:retry'
CUTOVER = 'migrate:migrations:cutover'
SYNC = 'migrate:migrations:sync'
ACCEPT = 'migrate:migrations:accept'
ROLLBACK = 'migrate:migrations:rollback'
EVENTS = 'migrate:migrations:events'
LOG = 'migrate:migrations:log'
MANIFEST = 'migrate:migrations:manifest'

rules = [
    policy.DocumentedRuleDefault(
        name=LIST,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the migrations of the project.',
        operations=[{'method': 'GET', 'path': '/v1/migrations'}],
    ),
    policy.DocumentedRuleDefault(
        name=LIST_ALL,
        check_str=base.ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the migrations of all projects.',
        operations=[
            {'method': 'GET', 'path': '/v1/migrations?all_projects=true'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=SHOW,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Show a migration.',
        operations=[
            {'method': 'GET', 'path': '/v1/migrations/{migration_id}'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=SHOW_WORKER,
        check_str=base.ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='See which worker carries out a migration.',
        operations=[
            {'method': 'GET', 'path': '/v1/migrations'},
            {'method': 'GET', 'path': '/v1/migrations/{migration_id}'},
            {'method': 'GET', 'path': '/v1/migrations/{migration_id}/events'},
        ],
    ),
    policy.DocumentedRuleDefault(
        name=CREATE,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Migrate a machine into the project.',
        operations=[{'method': 'POST', 'path': '/v1/migrations'}],
    ),
    policy.DocumentedRuleDefault(
        name=DELETE,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Delete the record of a migration that ended.',
        operations=[
            {'method': 'DELETE', 'path': '/v1/migrations/{migration_id}'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=CANCEL,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Stop a migration and remove what it made.',
        operations=[
            {'method': 'POST', 'path': '/v1/migrations/{migration_id}/cancel'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=RETRY,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Go on with a migration that failed.',
        operations=[
            {'method': 'POST', 'path': '/v1/migrations/{migration_id}/retry'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=CUTOVER,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Say or withdraw when a warm migration stops its source.',
        operations=[
            {
                'method': 'POST',
                'path': '/v1/migrations/{migration_id}/cutover',
            },
            {
                'method': 'DELETE',
                'path': '/v1/migrations/{migration_id}/cutover',
            },
        ],
    ),
    policy.DocumentedRuleDefault(
        name=SYNC,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Have a warm migration copy what changed now.',
        operations=[
            {'method': 'POST', 'path': '/v1/migrations/{migration_id}/sync'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=ACCEPT,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Accept the server that a migration made.',
        operations=[
            {'method': 'POST', 'path': '/v1/migrations/{migration_id}/accept'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=ROLLBACK,
        check_str=base.PROJECT_MEMBER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Bring the source of a migration back.',
        operations=[
            {
                'method': 'POST',
                'path': '/v1/migrations/{migration_id}/rollback',
            }
        ],
    ),
    policy.DocumentedRuleDefault(
        name=EVENTS,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the events of a migration.',
        operations=[
            {'method': 'GET', 'path': '/v1/migrations/{migration_id}/events'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=LOG,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Read the logs of the tools of a migration.',
        operations=[
            {'method': 'GET', 'path': '/v1/migrations/{migration_id}/log'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=MANIFEST,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Read the hashes of the disks of a migration.',
        operations=[
            {'method': 'GET', 'path': '/v1/migrations/{migration_id}/manifest'}
        ],
    ),
]


def list_rules():
    return rules
