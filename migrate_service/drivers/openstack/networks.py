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


"""Isolated networks: the subnets of others, and no router."""

from migrate_service.drivers.openstack import cloud as clouds
from migrate_service.drivers.openstack import errors

#: What a subnet takes over from the one that it stands for.
COPIED = ('cidr', 'ip_version', 'gateway_ip', 'ipv6_address_mode')


def ensure(cloud, request, owner):
    """Find or create the network; see ``drivers.base.Destination``."""
    with clouds.explained('Neutron', 'making an isolated network'):
        network = find(cloud, owner, request.key)
        if network is None:
            network = cloud.ports.create_network(
                name=request.name, description=mark(owner, request.key)
            )
        made = {
            subnet.cidr
            for subnet in cloud.ports.subnets(network_id=network.id)
        }
        for subnet in _subnets_of(cloud, request.like):
            if subnet.cidr not in made:
                cloud.ports.create_subnet(**_body(request, network, subnet))
                made.add(subnet.cidr)
    return {'id': network.id}


def find(cloud, owner, key):
    """Return the network that carries the owner and key, or None."""
    wanted = mark(owner, key)
    for network in cloud.ports.networks(description=wanted):
        if network.description == wanted:
            return network
    return None


def remove(cloud, *, resource_id, owner, key):
    """Delete the network with its subnets; nothing left is fine."""
    with clouds.explained('Neutron', 'deleting an isolated network'):
        if resource_id is None:
            found = find(cloud, owner, key)
            resource_id = found.id if found else None
        if resource_id:
            cloud.ports.delete_network(resource_id, ignore_missing=True)


def mark(owner, key):
    """Return the description by which a network is found again."""
    return f'migration {owner} network {key}'


def _subnets_of(cloud, port_ids):
    """Yield the subnets in which ports have addresses."""
    for port_id in port_ids:
        port = cloud.ports.find_port(port_id, ignore_missing=True)
        if port is None:
            raise errors.TargetPortError(
                nic=port_id, reason='the port does not exist any more'
            )
        for entry in port.fixed_ips or ():
            yield cloud.ports.get_subnet(entry['subnet_id'])


def _body(request, network, subnet):
    body = {name: getattr(subnet, name) for name in COPIED}
    return {name: value for name, value in body.items() if value} | {
        'network_id': network.id,
        'name': request.name,
        'enable_dhcp': subnet.is_dhcp_enabled,
        'gateway_ip': subnet.gateway_ip,
    }
