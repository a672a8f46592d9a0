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
"""What the inventory already tells against a migration.

The first step of a migration looks at both ends; this spares users the wait
where the answer is known.
"""

from migrate_service import exceptions
from migrate_service import inventory
from migrate_service.api import shared
from migrate_service.concerns import facts
from migrate_service.concerns import registry
from migrate_service.db import models
from migrate_service.db.api import assessments as assessments_db
from migrate_service.db.api import facts as facts_db
from migrate_service.db.api import machines as machines_db

#: Errors of concerns that had codes of their own before.
REFUSALS = {
    kind.code: kind
    for kind in (
        exceptions.MachineUnsupported,
        exceptions.DiskUnsupported,
        exceptions.NetworkUnmapped,
    )
}


def check(context, source, machine, options, kind='cold'):
    """Refuse a machine, disks or choices that cannot work.

    :param machine: dict of ``inventory.Machine``.
    :param kind: ``cold``, or ``warm``: snapshots of all disks are needed.
    :returns: the codes of the concerns that the user overrode.
    :raises MigrationBlocked: or the older error of such a concern.
    :raises BadRequest: a choice that cannot be.
    """
    check_choices(context, source, options, 'migration')
    check_override(options)
    found = registry.find(
        facts.Facts(
            machine=inventory.Machine.from_dict(machine),
            kind=kind,
            options=options,
            source=facts_db.of_source(context, source, models.now()),
        )
    )
    censor = shared.censor(source, machine)
    blocking = registry.blocking(found)
    if censor:
        blocking = censor.clean(blocking)
    if blocking:
        raise _refusal(machine['name'], blocking)
    return sorted({one['code'] for one in found if one['overridden']})


def check_choices(context, source, options, noun):
    """Refuse keys that the source does not know, and double ones.

    :param noun: what the options are of, in the message.
    :raises BadRequest: naming the first.
    """
    scope = shared.scope(source)
    for field, part, kind in (
        ('networks', 'source', 'network'),
        ('volume_types', 'datastore', 'datastore'),
    ):
        known = machines_db.item_names(context, source.id, kind, scope)
        keys = [entry[part] for entry in options[field]]
        for number, key in enumerate(keys):
            where = f'{noun}.{field}.{number}.{part}'
            if key not in known:
                raise exceptions.BadRequest(
                    reason=f'{where}: the source has no {kind} {key}.'
                )
            if key in keys[:number]:
                raise exceptions.BadRequest(
                    reason=f'{where}: the {kind} {key} is given twice.'
                )


def machine_ids(context, source, wishes, noun):
    """Return the ids that were asked for, all of which the source has.

    :param wishes: ``machine_ids`` or ``all`` is taken out of it.
    :param noun: what the wishes are of, in the message.
    :raises BadRequest: neither machines nor all were asked for, or both.
    :raises MachineNotFound: the source lacks one.
    """
    wanted = wishes.pop('machine_ids', None)
    if bool(wanted) == bool(wishes.pop('all', False)):
        raise exceptions.BadRequest(
            reason=f'{noun}: give either machine_ids or all.'
        )
    known = assessments_db.machine_ids(
        context, source.id, shared.scope(source)
    )
    if wanted is None:
        return known
    for missing in sorted(set(wanted) - set(known)):
        raise exceptions.MachineNotFound(source=source.id, machine=missing)
    return wanted


def check_override(options):
    """Refuse to override what is no concern, or must not be overridden.

    :raises BadRequest: naming the first, and what can be.
    """
    possible = registry.overridable()
    for code in options['override']:
        if code not in possible:
            raise exceptions.BadRequest(
                reason=(
                    f'override: {code} cannot be overridden. These can: '
                    f'{", ".join(sorted(possible))}.'
                )
            )


def _refusal(name, blocking):
    """Return the error; what had a code of its own keeps it."""
    codes = [registry.refusal(one['code']) for one in blocking]
    known = [REFUSALS[code] for code in codes if code]
    kind = known[0] if known else exceptions.MigrationBlocked
    remedies = dict.fromkeys(one['remedy'] for one in blocking)
    return kind(
        machine=name,
        reason=' '.join(one['what'] for one in blocking),
        remedies=' '.join(remedies),
        concerns=blocking,
    )
