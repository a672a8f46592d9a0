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
"""The concerns about a machine at the moment when its migration begins."""

import dataclasses

from migrate_service.concerns import facts
from migrate_service.concerns import model
from migrate_service.concerns import registry
from migrate_service.drivers import errors
from migrate_service.worker import assess


def of_source(work, source, machine):
    """Return the parts of ``concerns.facts.Facts`` that the source tells."""
    with assess.node_facts(work, opened=source) as node_of:
        node = node_of(machine)
    known = facts.Source(
        networks={network.key: network.name for network in source.networks()},
        datastores={
            store.key: dataclasses.asdict(store)
            for store in source.datastores()
        },
    )
    return {'source': known, 'node': node}


def judge(work, machine, **known):
    """Refuse what blocks and was not overridden; return the warnings.

    :param known: parts of ``concerns.facts.Facts``.
    :raises MigrationBlocked: with all that blocks.
    """
    found = registry.find(
        facts.Facts(
            machine=machine,
            kind=work.lease.get('migration_kind') or 'cold',
            options=work.options,
            **known,
        )
    )
    blocking = registry.blocking(found)
    if blocking:
        remedies = dict.fromkeys(one['remedy'] for one in blocking)
        raise errors.MigrationBlocked(
            machine=machine.name,
            reason=' '.join(one['what'] for one in blocking),
            remedies=' '.join(remedies),
        )
    warnings = [
        one['what'] for one in found if one['severity'] == model.WARNING
    ]
    return warnings + [
        f'Overridden by the user {work.context.user_id}: {one["what"]}'
        for one in found
        if one['overridden']
    ]
