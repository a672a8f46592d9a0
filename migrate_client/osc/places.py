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
    chosen = {
        'networks': networks(connection, source, _entries(parsed_args)),
        'volume_types': None,
    }
    if parsed_args.volume_type_map:
        chosen['volume_types'] = volume_types(
            connection,
            source,
            [
                {'datastore': datastore, 'volume_type': volume_type}
                for datastore, volume_type in parsed_args.volume_type_map
            ],
        )
    if parsed_args.flavor:
        chosen['flavor_id'] = flavor(connection, parsed_args.flavor)
    if parsed_args.security_group:
        chosen['security_groups'] = security_groups(
            connection, parsed_args.security_group
        )
    return chosen


def _entries(parsed_args):
    """Return what --network, --new-ip and --new-mac say, by name."""
    entries = []
    renewed = {'keep_ip': parsed_args.new_ip, 'keep_mac': parsed_args.new_mac}
    for origin, target in parsed_args.network:
        target, _, subnet = target.partition(':')
        entry = {'source': origin, 'network': target, 'subnet': subnet}
        entry |= {k: False for k, names in renewed.items() if origin in names}
        entries.append(entry)
    known = {entry['source'] for entry in entries}
    for name in (*parsed_args.new_ip, *parsed_args.new_mac):
        if name not in known:
            raise exceptions.CommandError(
                f'{name} is named by --new-ip or --new-mac, but not by '
                '--network.'
            )
    return entries


def networks(connection, source, entries):
    """Return entries of ``networks`` by id.

    :param entries: ``source``, ``network`` and perhaps ``subnet``, names or
        ids; ``keep_mac`` and ``keep_ip`` as they are.
    """
    if not entries:
        return []
    keys = _keys(connection.migration.source_networks(source))
    return [
        {
            'source': _key(keys, 'network', entry['source'], source),
            **_place(connection, entry),
            **{k: entry[k] for k in ('keep_mac', 'keep_ip') if k in entry},
        }
        for entry in entries
    ]


def _place(connection, entry):
    network = connection.network
    network_id = _found(network.find_network, 'network', entry['network'])
    subnet = entry.get('subnet')
    subnet_id = subnet and _found(
        network.find_subnet, 'subnet', subnet, network_id=network_id
    )
    return {'network_id': network_id, 'subnet_id': subnet_id or None}


def volume_types(connection, source, entries):
    """Return entries of ``volume_types`` by id of the datastore."""
    if not entries:
        return []
    keys = _keys(connection.migration.source_datastores(source))
    return [
        {
            'datastore': _key(keys, 'datastore', entry['datastore'], source),
            'volume_type': entry['volume_type'],
        }
        for entry in entries
    ]


def flavor(connection, name):
    """Return the id of a flavor."""
    return _found(connection.compute.find_flavor, 'flavor', name)


def security_groups(connection, names):
    """Return the ids of security groups."""
    find = connection.network.find_security_group
    return [_found(find, 'security group', name) for name in names]


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
