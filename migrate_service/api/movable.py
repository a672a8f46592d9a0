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

The first step of a migration looks at the machine itself; this spares users
the wait where the answer is known.
"""

from migrate_service import exceptions
from migrate_service.db.api import machines as machines_db


def check(context, source, machine, options, kind='cold'):
    """Refuse a machine, disks or choices that cannot work.

    :param machine: dict of ``inventory.Machine``.
    :param kind: ``cold``, or ``warm``: snapshots of all disks are needed.
    :raises MachineUnsupported, DiskUnsupported, NetworkUnmapped, BadRequest:
    """
    _check_machine(machine)
    for disk in machine['disks']:
        _check_disk(disk, kind)
    _check_choices(context, source, options)
    _check_nics(context, source, machine, options)


def _check_machine(machine):
    reason = None
    if machine['template']:
        reason = 'it is a template.'
    elif not machine['disks']:
        reason = 'it has no disks.'
    elif machine['encrypted']:
        reason = 'it is encrypted by vSphere.'
    elif machine['power_state'] == 'suspended':
        reason = 'it is suspended, and its memory cannot be moved.'
    elif machine['connection_state'] != 'connected':
        reason = f'it is {machine["connection_state"]} at the source.'
    if reason:
        raise exceptions.MachineUnsupported(
            machine=machine['name'], reason=reason
        )


def _check_disk(disk, kind):
    reason = None
    if disk['kind'] == 'rdm':
        reason = 'it is a raw device mapping.'
    elif disk['encrypted']:
        reason = 'it is encrypted by vSphere.'
    elif disk['sharing'] != 'sharingNone':
        reason = 'it is shared with other machines.'
    elif kind == 'warm' and disk['mode'].startswith('independent'):
        reason = 'it is independent: snapshots leave it out; move it cold.'
    elif disk['kind'] != 'flat' and not disk['has_parent']:
        reason = f'its format is {disk["kind"]}, not flat.'
    if reason:
        raise exceptions.DiskUnsupported(disk=disk['label'], reason=reason)


def _check_choices(context, source, options):
    """Refuse keys that the source does not know, and double ones."""
    for field, part, kind in (
        ('networks', 'source', 'network'),
        ('volume_types', 'datastore', 'datastore'),
    ):
        known = machines_db.item_names(context, source.id, kind)
        keys = [entry[part] for entry in options[field]]
        for number, key in enumerate(keys):
            where = f'migration.{field}.{number}.{part}'
            if key not in known:
                raise exceptions.BadRequest(
                    reason=f'{where}: the source has no {kind} {key}.'
                )
            if key in keys[:number]:
                raise exceptions.BadRequest(
                    reason=f'{where}: the {kind} {key} is given twice.'
                )


def _check_nics(context, source, machine, options):
    mapped = {entry['source'] for entry in options['networks']}
    names = machines_db.item_names(context, source.id, 'network')
    for nic in machine['nics']:
        if nic['network'] is None:
            raise exceptions.MachineUnsupported(
                machine=machine['name'],
                reason=f'its interface {nic["label"]} is on no network.',
            )
        if nic['network'] not in mapped:
            raise exceptions.NetworkUnmapped(
                nic=nic['label'],
                network=nic['network'],
                name=names.get(nic['network'], 'unknown'),
            )
