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
"""What rules of concerns want to know of a project: few calls for many.

Only reading ones, as the user may make them. What a policy hides is left
out: the rule that needs it is silent then.
"""

import ipaddress

from openstack import exceptions

from migrate_service.concerns import facts
from migrate_service.drivers.openstack import cloud as clouds
from migrate_service.drivers.openstack import flavors
from migrate_service.drivers.openstack import quotas

_HIDDEN = (exceptions.ForbiddenException, exceptions.NotFoundException)


def gather(cloud, options):
    """Return ``concerns.facts.Target`` for these options of a migration.

    :param cloud: the :class:`~.cloud.Cloud`.
    """
    types, default = _volume_types(cloud)
    return facts.Target(
        flavors=_flavors(cloud),
        quotas=quotas.read(cloud),
        networks=_networks(cloud, options),
        security_groups=_security_groups(cloud, options),
        key_pairs=_key_pairs(cloud, options),
        zones=_zones(cloud.servers, 'Nova'),
        volume_zones=_zones(cloud.volumes, 'Cinder'),
        volume_types=types,
        default_type=default,
        pools=_pools(cloud),
    )


def _flavors(cloud):
    with clouds.explained('Nova', 'listing the flavors'):
        return tuple(
            facts.Flavor(
                id=flavor.id,
                name=flavor.name,
                vcpus=flavor.vcpus,
                ram=flavor.ram,
                disk=flavor.disk or 0,
                plain=flavors.is_plain(flavor),
            )
            for flavor in cloud.servers.flavors(details=True)
        )


def _volume_types(cloud):
    with clouds.explained('Cinder', 'reading the volume types'):
        found = list(cloud.volumes.types())
        default = clouds.checked(cloud.volumes.get('/types/default')).json()
    known = {kind.id: kind.name for kind in found}
    known |= {kind.name: kind.name for kind in found}
    return known, default['volume_type']['name']


def _networks(cloud, options):
    wanted = {entry['network_id'] for entry in options.get('networks') or ()}
    if not wanted:
        return {}
    with clouds.explained('Neutron', 'reading the networks'):
        subnets = list(cloud.ports.subnets())
        return {
            network.id: _network(cloud, network, subnets)
            for network in cloud.ports.networks()
            if network.id in wanted
        }


def _network(cloud, network, subnets):
    """Return ``facts.Network``; of shared ones others' ports are hidden."""
    ports = list(cloud.ports.ports(network_id=network.id))
    fixed = [entry for port in ports for entry in port.fixed_ips or ()]
    return facts.Network(
        id=network.id,
        name=network.name,
        own=network.project_id == cloud.project_id,
        subnets=tuple(
            facts.Subnet(
                id=subnet.id,
                cidr=subnet.cidr,
                free=_free(subnet, fixed),
            )
            for subnet in subnets
            if subnet.network_id == network.id
        ),
        macs=frozenset(port.mac_address.lower() for port in ports),
        addresses=frozenset(entry['ip_address'] for entry in fixed),
    )


def _free(subnet, fixed):
    """Return the addresses of the pools that no port that we see has."""
    pools = [
        (_number(pool['start']), _number(pool['end']))
        for pool in subnet.allocation_pools or ()
    ]
    used = [
        _number(entry['ip_address'])
        for entry in fixed
        if entry['subnet_id'] == subnet.id
    ]
    size = sum(end - start + 1 for start, end in pools)
    taken = [
        one for one in used if any(start <= one <= end for start, end in pools)
    ]
    return size - len(taken)


def _number(address):
    return int(ipaddress.ip_address(address))


def _security_groups(cloud, options):
    if not options.get('security_groups'):
        return ()
    with clouds.explained('Neutron', 'reading the security groups'):
        found = cloud.ports.security_groups(project_id=cloud.project_id)
        return tuple((group.id, group.name) for group in found)


def _key_pairs(cloud, options):
    if not options.get('key_name'):
        return frozenset()
    with clouds.explained('Nova', 'reading the key pairs'):
        return frozenset(pair.name for pair in cloud.servers.keypairs())


def _zones(proxy, service):
    with clouds.explained(service, 'reading the availability zones'):
        return tuple(
            zone.name
            for zone in proxy.availability_zones()
            if zone.state.get('available')
        )


def _pools(cloud):
    """Return ``{pool: free GiB}``, None where the policy hides it."""
    with clouds.explained('Cinder', 'reading the pools'):
        answer = cloud.volumes.get(
            '/scheduler-stats/get_pools', params={'detail': 'true'}
        )
        try:
            found = clouds.checked(answer).json()['pools']
        except _HIDDEN:
            return None
    free = {
        pool['name']: pool['capabilities'].get('free_capacity_gb')
        for pool in found
    }
    if not all(isinstance(size, int | float) for size in free.values()):
        return None  # "infinite" or "unknown"
    return {name: float(size) for name, size in free.items()}
