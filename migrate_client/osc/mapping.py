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
"""What names of networks, datastores and flavors mean, in both clouds."""

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions


def resolve(connection, source, parsed_args):
    """Return the attributes that say where a machine goes.

    :param connection: for the names of networks, flavors and the rest.
    :param source: the ``Source`` whose networks and datastores are named.
    :raises CommandError: a name is unknown or ambiguous.
    """
    networks = _networks(connection, source, parsed_args.network)
    volume_types = _volume_types(
        connection, source, parsed_args.volume_type_map
    )
    return {
        'networks': networks,
        'volume_types': volume_types,
    } | _from_clouds(connection, parsed_args)


def _from_clouds(connection, parsed_args):
    chosen = {}
    if parsed_args.flavor:
        chosen['flavor_id'] = _found(
            connection.compute.find_flavor, 'flavor', parsed_args.flavor
        )
    if parsed_args.security_group:
        chosen['security_groups'] = [
            _found(
                connection.network.find_security_group,
                'security group',
                group,
            )
            for group in parsed_args.security_group
        ]
    return chosen


def _networks(connection, source, pairs):
    if not pairs:
        return []
    keys = _keys(connection.migration.source_networks(source))
    networks = []
    for origin, target in pairs:
        target, _, subnet = target.partition(':')
        network_id = _found(connection.network.find_network, 'network', target)
        subnet_id = subnet and _found(
            connection.network.find_subnet,
            'subnet',
            subnet,
            network_id=network_id,
        )
        networks.append(
            {
                'source': _key(keys, 'network', origin, source),
                'network_id': network_id,
                'subnet_id': subnet_id or None,
            }
        )
    return networks


def _volume_types(connection, source, pairs):
    if not pairs:
        return None
    keys = _keys(connection.migration.source_datastores(source))
    return [
        {
            'datastore': _key(keys, 'datastore', datastore, source),
            'volume_type': volume_type,
        }
        for datastore, volume_type in pairs
    ]


def _keys(items):
    """Return ``{name or id: {ids}}`` of things of a source."""
    keys: dict[str, set[str]] = {}
    for item in items:
        keys.setdefault(item.name, set()).add(item.id)
        keys.setdefault(item.id, set()).add(item.id)
    return keys


def _key(keys, noun, name, source):
    found = sorted(keys.get(name, ()))
    if len(found) == 1:
        return found[0]
    if found:
        raise exceptions.CommandError(
            f'The source {source.name} has several {noun}s named {name}: '
            f'{", ".join(found)}. Use the id of one of them.'
        )
    raise exceptions.CommandError(
        f'The source {source.name} has no {noun} with the name or id '
        f'{name}. See "migration source {noun} list {source.name}".'
    )


def _found(find, noun, name, **query):
    """Return the id of what ``find``, a method of the SDK, finds."""
    try:
        return find(name, ignore_missing=False, **query).id
    except sdk_exceptions.NotFoundException:
        raise exceptions.CommandError(
            f'No {noun} has the name or id {name}.'
        ) from None
    except sdk_exceptions.DuplicateResource:
        raise exceptions.CommandError(
            f'Several {noun}s are named {name}; use the id of one of them.'
        ) from None
