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


"""What the user chose on the OpenStack side: does it exist, is it visible."""

import ipaddress

from migrate_service.drivers import errors as driver_errors
from migrate_service.drivers.openstack import cloud as clouds
from migrate_service.drivers.openstack import errors


def check_networks(cloud, machine, options):
    """Refuse NICs without a network, unknown networks and subnets."""
    chosen = {entry['source']: entry for entry in options['networks']}
    for nic in machine.nics:
        entry = chosen.get(nic.network)
        if entry is None:
            raise driver_errors.NetworkUnmapped(
                nic=nic.label, machine=machine.name, network=nic.network
            )
        subnets_of(cloud, entry['network_id'], entry.get('subnet_id'))


def subnets_of(cloud, network_id, subnet_id=None):
    """Return the subnets of a network, or the one that was chosen.

    :raises TargetNetworkNotFound, TargetSubnetNotFound:
    """
    with clouds.explained('Neutron', 'reading the networks'):
        network = cloud.ports.find_network(network_id, ignore_missing=True)
        if network is None or network.id != network_id:
            raise errors.TargetNetworkNotFound(network=network_id)
        found = list(cloud.ports.subnets(network_id=network_id))
    if subnet_id is None:
        return found
    found = [subnet for subnet in found if subnet.id == subnet_id]
    if not found:
        raise errors.TargetSubnetNotFound(network=network_id, subnet=subnet_id)
    return found


def subnet_for(subnets, address):
    """Return the subnet that holds an IP address, or None."""
    ip = ipaddress.ip_address(address)
    for subnet in subnets:
        if ip in ipaddress.ip_network(subnet.cidr):
            return subnet
    return None


def security_groups(cloud, wanted):
    """Return the ids of security groups given by id or name.

    :raises TargetSecurityGroupNotFound: none or several have the name.
    """
    with clouds.explained('Neutron', 'reading the security groups'):
        found = list(cloud.ports.security_groups(project_id=cloud.project_id))
    result = []
    for text in wanted:
        matching = [group.id for group in found if group.id == text] or [
            group.id for group in found if group.name == text
        ]
        if len(matching) != 1:
            raise errors.TargetSecurityGroupNotFound(group=text)
        result += matching
    return result


def volume_type_of(options, disk):
    """Return the name of the volume type for a disk, or None."""
    for entry in options.get('volume_types') or []:
        if entry['datastore'] == disk.datastore:
            return entry['volume_type']
    return options.get('volume_type')


def check_volume_types(cloud, names):
    """Return the name of each volume type, given by name or id.

    None stands for the default type, whose name Cinder tells.

    :raises TargetVolumeTypeNotFound: listing what there is.
    """
    with clouds.explained('Cinder', 'reading the volume types'):
        found = list(cloud.volumes.types())
        default = clouds.checked(cloud.volumes.get('/types/default')).json()
    known = {kind.id: kind.name for kind in found}
    known |= {kind.name: kind.name for kind in found}
    known[None] = default['volume_type']['name']
    for name in names:
        if name not in known:
            raise errors.TargetVolumeTypeNotFound(
                volume_type=name,
                volume_types=', '.join(sorted(kind.name for kind in found)),
            )
    return {name: known[name] for name in names}


def check_key_pair(cloud, name):
    """Refuse a key pair that the user does not have."""
    with clouds.explained('Nova', 'reading the key pairs'):
        found = cloud.servers.find_keypair(name, ignore_missing=True)
    if found is None:
        raise errors.TargetKeyPairNotFound(key=name)


def check_zone(cloud, zone):
    """Refuse an availability zone that Nova does not have."""
    with clouds.explained('Nova', 'reading the availability zones'):
        zones = [
            entry.name
            for entry in cloud.servers.availability_zones()
            if entry.state.get('available')
        ]
    if zone not in zones:
        raise errors.TargetZoneNotFound(
            zone=zone, zones=', '.join(sorted(zones)) or 'none'
        )
