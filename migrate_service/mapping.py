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
"""What a mapping yields for a migration, and what it leaves open.

A mapping says of a source what the options of a migration say of a machine:
under the same names, in the same shapes.
"""

#: What a mapping may say; each is an option of a migration.
OPTIONS = (
    'networks',
    'volume_type',
    'volume_types',
    'flavor_id',
    'security_groups',
    'key_name',
    'availability_zone',
    'metadata',
    'keep_mac',
    'keep_ip',
)
#: Lists of entries, by the member that names something of the source.
KEYS = {'networks': 'source', 'volume_types': 'datastore'}
#: What holds for each network unless its entry says otherwise.
KEPT = ('keep_mac', 'keep_ip')


def kept(options, entry, name):
    """Return whether an address of a NIC is kept.

    :param options: those of a migration.
    :param entry: that of ``networks`` for the NIC, or None.
    :param name: ``keep_mac`` or ``keep_ip``.
    """
    own = (entry or {}).get(name)
    return options.get(name, True) if own is None else own


def choices(mapped, given, known):
    """Return the options that a mapping and what was given beside it yield.

    What is given wins: an entry over that of the same network or datastore,
    a whole (``volume_type``, ``keep_mac``, ``keep_ip``) also over entries of
    the mapping, anything else over its like. Entries of what the source no
    longer has are left out.

    :param mapped: options of the mapping.
    :param given: options of the request.
    :param known: ``{'networks': keys, 'volume_types': keys}``.
    """
    result = mapped | given
    for field, key in KEYS.items():
        result[field] = _entries(field, key, mapped, given, known[field])
    if 'metadata' in mapped:
        result['metadata'] = mapped['metadata'] | given.get('metadata', {})
    return result


def _entries(field, key, mapped, given, known):
    """Return the entries of a list, those of the request first."""
    own = given.get(field) or []
    taken = {entry[key] for entry in own}
    if field == 'volume_types' and given.get('volume_type'):
        return own
    rest = [
        entry
        for entry in mapped.get(field) or []
        if entry[key] in known and entry[key] not in taken
    ]
    overruled = [name for name in KEPT if given.get(name) is not None]
    return own + [
        {part: entry[part] for part in entry if part not in overruled}
        for entry in rest
    ]


def unmapped(options, machines, names):
    """Return what of the machines' networks and datastores is not mapped.

    A datastore is mapped by an entry, or by a volume type for all.

    :param options: of the mapping, or of a migration.
    :param machines: dicts of ``inventory.Machine``.
    :param names: ``{'networks': {key: name}, 'datastores': {key: name}}``.
    :returns: ``{'networks': [{'source', 'name', 'machine_ids'}],
        'datastores': [{'datastore', 'name', 'machine_ids'}]}``.
    """
    open_networks: dict[str, list] = {}
    open_datastores: dict[str, list] = {}
    networks = {e['source'] for e in options.get('networks') or ()}
    datastores = {e['datastore'] for e in options.get('volume_types') or ()}
    for machine in machines:
        used = {nic['network'] for nic in machine['nics']}
        _note(open_networks, used - networks, machine)
        if not options.get('volume_type'):
            used = {disk['datastore'] for disk in machine['disks']}
            _note(open_datastores, used - datastores, machine)
    return {
        'networks': _told('source', open_networks, names['networks']),
        'datastores': _told('datastore', open_datastores, names['datastores']),
    }


def _note(found, keys, machine):
    for key in keys - {None}:
        found.setdefault(key, []).append(machine['key'])


def _told(part, found, names):
    told = [
        {part: key, 'name': names.get(key, key), 'machine_ids': machine_ids}
        for key, machine_ids in found.items()
    ]
    return sorted(told, key=lambda one: (one['name'], one[part]))
