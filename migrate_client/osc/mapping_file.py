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

"""Mappings as YAML files, with names where the API has ids."""

import collections

import yaml
from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions

from migrate_client.osc import places

#: What the file says as the API does.
_AS_IT_IS = (
    'name',
    'description',
    'volume_type',
    'key_name',
    'availability_zone',
    'metadata',
    'keep_mac',
    'keep_ip',
)
_ENTRY = ('source', 'network', 'subnet', 'keep_mac', 'keep_ip')
_KNOWN = {
    *_AS_IT_IS,
    *('source', 'networks', 'volume_types', 'flavor', 'security_groups'),
}


def read(path):
    """Return what a file says, by name.

    :raises CommandError: it cannot be read, or says what no mapping says.
    """
    try:
        with open(path, encoding='utf-8') as file:
            said = yaml.safe_load(file)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise exceptions.CommandError(f'{path}: {error}') from None
    _check(path, said, dict, _KNOWN, 'the file')
    for field, known in (
        ('networks', _ENTRY),
        ('volume_types', ('datastore', 'volume_type')),
    ):
        _check(path, said.get(field) or [], list, None, field)
        for entry in said.get(field) or ():
            _check(path, entry, dict, known, f'an entry of {field}')
            for name in (known[0], known[1]):
                if name not in entry:
                    raise exceptions.CommandError(
                        f'{path}: an entry of {field} lacks {name}.'
                    )
    return said


def _check(path, value, kind, known, what):
    if not isinstance(value, kind):
        noun = 'list' if kind is list else 'mapping of keys to values'
        raise exceptions.CommandError(f'{path}: {what} must be a {noun}.')
    unknown = sorted(map(str, set(value) - set(known))) if known else []
    if unknown:
        raise exceptions.CommandError(
            f'{path}: {", ".join(unknown)} in {what} is not known.'
        )


def resolve(connection, source, said):
    """Return the attributes of the mapping that a file describes.

    :param source: the ``Source`` whose networks and datastores are named.
    :param said: what :func:`read` returned.
    :raises CommandError: a name is unknown or ambiguous.
    """
    attrs = {name: said[name] for name in _AS_IT_IS if name in said}
    if 'networks' in said:
        attrs['networks'] = places.networks(
            connection, source, said['networks'] or []
        )
    if 'volume_types' in said:
        attrs['volume_types'] = places.volume_types(
            connection, source, said['volume_types'] or []
        )
    if 'flavor' in said:
        name = said['flavor']
        attrs['flavor_id'] = name and places.flavor(connection, name)
    if 'security_groups' in said:
        names = said['security_groups']
        attrs['security_groups'] = names and places.security_groups(
            connection, names
        )
    return attrs


def text(connection, source, mapping):
    """Return a mapping as the text of a file.

    What has no name of its own there is told by its id.

    :param mapping: the ``Mapping``, or a dict with its attributes.
    """
    said = {'source': source.name}
    said |= {name: mapping[name] for name in _AS_IT_IS if mapping[name]}
    said |= {k: mapping[k] for k in ('keep_mac', 'keep_ip')}
    if mapping['networks']:
        said['networks'] = _networks(connection, source, mapping['networks'])
    if mapping['volume_types']:
        names = _names(connection.migration.source_datastores(source))
        said['volume_types'] = [
            {
                'datastore': names.get(entry['datastore'], entry['datastore']),
                'volume_type': entry['volume_type'],
            }
            for entry in mapping['volume_types']
        ]
    if mapping['flavor_id']:
        said['flavor'] = _name(
            connection.compute.find_flavor, mapping['flavor_id']
        )
    if mapping['security_groups']:
        find = connection.network.find_security_group
        said['security_groups'] = [
            _name(find, group) for group in mapping['security_groups']
        ]
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True)


def _networks(connection, source, entries):
    names = _names(connection.migration.source_networks(source))
    network = connection.network
    told = []
    for entry in entries:
        line = {
            'source': names.get(entry['source'], entry['source']),
            'network': _name(network.find_network, entry['network_id']),
        }
        if entry.get('subnet_id'):
            line['subnet'] = _name(network.find_subnet, entry['subnet_id'])
        line |= {k: entry[k] for k in ('keep_mac', 'keep_ip') if k in entry}
        told.append(line)
    return told


def _names(items):
    """Return ``{id: name}``; what shares its name has its id instead."""
    items = list(items)
    count = collections.Counter(item.name for item in items)
    return {
        item.id: item.name if count[item.name] == 1 else item.id
        for item in items
    }


def _name(find, id):
    """Return the name of what has this id, if that finds it again."""
    try:
        found = find(id, ignore_missing=True)
        again = found and found.name and find(found.name, ignore_missing=True)
    except sdk_exceptions.DuplicateResource:
        return id
    return found.name if again and again.id == found.id else id
