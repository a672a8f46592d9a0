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

"""The policy rules: one module a resource."""

import itertools

from migrate_service.policies import assessments
from migrate_service.policies import grants
from migrate_service.policies import inventory
from migrate_service.policies import limits
from migrate_service.policies import mappings
from migrate_service.policies import migrations
from migrate_service.policies import plans
from migrate_service.policies import preparations
from migrate_service.policies import rehearsals
from migrate_service.policies import sources
from migrate_service.policies import workers


def list_rules():
    """Return every rule, for the enforcer and the sample file."""
    return list(
        itertools.chain(
            sources.list_rules(),
            grants.list_rules(),
            inventory.list_rules(),
            mappings.list_rules(),
            assessments.list_rules(),
            migrations.list_rules(),
            plans.list_rules(),
            preparations.list_rules(),
            rehearsals.list_rules(),
            workers.list_rules(),
            limits.list_rules(),
        )
    )
