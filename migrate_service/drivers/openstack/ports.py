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


"""Ports: the NIC's hardware address, and its IP address where it fits."""

import dataclasses
import itertools

from openstack import exceptions

from migrate_service.drivers.openstack import choices
from migrate_service.drivers.openstack import cloud as clouds
from migrate_service.drivers.openstack import errors

_ADDRESS_TAKEN = ('IpAddressAlreadyAllocated', 'IpAddressInUse')


def ensure(cloud, request, owner, *, security_groups=None):
    """Find or create the port; see ``drivers.base.Destination``.

    :param security_groups: ids, instead of what ``request`` names.
    """
    request = dataclasses.replace(request, security_groups=security_groups)
    with clouds.explained('Neutron', 'making a port'):
        found = find(cloud, owner, request.key)
        if found:
            return _view(found, [])
        subnets = choices.subnets_of(
            cloud, request.network_id, request.subnet_id
        )
        return _create(cloud, request, owner, subnets)


def find(cloud, owner, key):
    """Return the port that carries the owner and key, or None."""
    mark = description(owner, key)
    for port in cloud.ports.ports(description=mark):
        if port.description == mark:
            return port
    return None


def remove(cloud, *, resource_id, owner, key):
    """Delete the port; nothing left is fine."""
    with clouds.explained('Neutron', 'deleting a port'):
        if resource_id is None:
            found = find(cloud, owner, key)
            resource_id = found.id if found else None
        if resource_id:
            cloud.ports.delete_port(resource_id, ignore_missing=True)


def description(owner, key):
    """Return the mark by which a port is found again."""
    return f'migration {owner} nic {key}'


def fixed_ips(subnets, addresses):
    """Return Neutron's ``fixed_ips``, or None to let it choose.

    :param addresses: texts; each must be in one of the subnets.
    """
    wanted = [
        {
            'subnet_id': choices.subnet_for(subnets, address).id,
            'ip_address': address,
        }
        for address in addresses
    ]
    kept = {entry['subnet_id'] for entry in wanted}
    fourth = [subnet for subnet in subnets if subnet.ip_version == 4]
    if fourth and not any(subnet.id in kept for subnet in fourth):
        wanted.append({'subnet_id': fourth[0].id})
    return wanted or None


def _create(cloud, request, owner, subnets):
    """Create the port, giving up what Neutron refuses, with a warning."""
    warnings = []
    mac = request.mac
    addresses = []
    for address in request.addresses:
        if choices.subnet_for(subnets, address):
            addresses.append(address)
        else:
            warnings.append(_gave_up(address, 'it is outside of the subnets'))
    while True:
        body = _body(request, owner, mac, fixed_ips(subnets, addresses))
        try:
            return _view(cloud.ports.create_port(**body), warnings)
        except exceptions.HttpException as error:
            problem = _problem(error)
            taken = [ip for ip in addresses if ip in problem]
            if _type(error) in _ADDRESS_TAKEN and taken:
                addresses.remove(taken[0])
                warnings.append(_gave_up(taken[0], 'it is in use'))
            elif _type(error) == 'MacAddressInUse' and mac:
                warnings.append(_gave_up(mac, 'it is in use'))
                mac = None
            elif error.status_code == 403 and 'quota' not in problem.lower():
                if not addresses and not mac:
                    raise
                warnings += _not_allowed(addresses, mac)
                mac, addresses = None, []
            elif error.status_code == 409 and 'quota' in problem.lower():
                raise errors.TargetQuotaExceeded(problem) from error
            else:
                raise errors.TargetPortError(
                    nic=request.name, reason=problem
                ) from error


def _body(request, owner, mac, addresses):
    body = {
        'name': request.name,
        'network_id': request.network_id,
        'description': description(owner, request.key),
    }
    if mac:
        body['mac_address'] = mac
    if addresses:
        body['fixed_ips'] = addresses
    if request.security_groups is not None:
        body['security_group_ids'] = list(request.security_groups)
    return body


def _not_allowed(addresses, mac):
    return [
        _gave_up(wanted, 'only the owner of the network may choose it')
        for wanted in itertools.chain(addresses, [mac] if mac else [])
    ]


def _gave_up(wanted, reason):
    return f'The address {wanted} could not be kept: {reason}.'


def _problem(error):
    return str(error.details or error.message or error)


def _type(error):
    try:
        return error.response.json()['NeutronError']['type']
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _view(port, warnings):
    return {
        'id': port.id,
        'mac': port.mac_address,
        'addresses': [entry['ip_address'] for entry in port.fixed_ips or []],
        'warnings': warnings,
    }
