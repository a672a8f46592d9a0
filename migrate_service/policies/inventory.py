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

"""Rules of the inventory of sources."""

from oslo_policy import policy

from migrate_service.policies import base

LIST_MACHINES = 'migrate:inventory:list_machines'
SHOW_MACHINE = 'migrate:inventory:show_machine'
LIST_NETWORKS = 'migrate:inventory:list_networks'
LIST_DATASTORES = 'migrate:inventory:list_datastores'

rules = [
    policy.DocumentedRuleDefault(
        name=LIST_MACHINES,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the machines of a source.',
        operations=[
            {'method': 'GET', 'path': '/v1/sources/{source_id}/machines'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=SHOW_MACHINE,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='Show a machine of a source.',
        operations=[
            {
                'method': 'GET',
                'path': '/v1/sources/{source_id}/machines/{machine_id}',
            }
        ],
    ),
    policy.DocumentedRuleDefault(
        name=LIST_NETWORKS,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the networks of a source.',
        operations=[
            {'method': 'GET', 'path': '/v1/sources/{source_id}/networks'}
        ],
    ),
    policy.DocumentedRuleDefault(
        name=LIST_DATASTORES,
        check_str=base.PROJECT_READER_OR_ADMIN,
        scope_types=base.SCOPE_TYPES,
        description='List the datastores of a source.',
        operations=[
            {'method': 'GET', 'path': '/v1/sources/{source_id}/datastores'}
        ],
    ),
]


def list_rules():
    return rules
