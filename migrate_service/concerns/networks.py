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
"""Concerns about networks of the project: subnets, addresses, MACs."""

from migrate_service.concerns import model

FAMILY = model.Family()


def _addresses(facts):
    """Yield ``(nic, entry, network, address)`` of those to be kept."""
    for nic, entry, network in facts.places():
        if facts.keeps('keep_ip', nic):
            for address in nic.addresses:
                yield nic, entry, network, address


def _subnets(entry, network):
    """Return the subnets that a NIC's entry leaves to choose from."""
    wanted = entry.get('subnet_id')
    return [
        subnet
        for subnet in network.subnets
        if not wanted or subnet.id == wanted
    ]


@FAMILY.rule(
    code='concern.target_network_missing',
    what='There is no network %(network)s in the project.',
    why='The port could not be made.',
    remedy='Choose a network that the project owns or that is shared.',
    origin='Neutron API, networks',
    needs=('target',),
)
def _network_missing(facts):
    seen = set()
    for nic in facts.machine.nics:
        entry = facts.chosen_network(nic)
        network = entry and entry['network_id']
        known = network is None or network in facts.target.networks
        if not known and network not in seen:
            seen.add(network)
            yield {'network': network}


@FAMILY.rule(
    code='concern.target_subnet_missing',
    what='The network %(network)s has no subnet %(subnet)s.',
    why='The port could not be made.',
    remedy='Choose a subnet of the network.',
    origin='Neutron API, subnets',
    needs=('target',),
)
def _subnet_missing(facts):
    seen = set()
    for _nic, entry, network in facts.places():
        subnet = entry.get('subnet_id')
        if subnet and subnet not in seen and not _subnets(entry, network):
            seen.add(subnet)
            yield {'network': network.name, 'subnet': subnet}


@FAMILY.rule(
    code='concern.address_outside_subnet',
    what=(
        'The address %(address)s of %(nic)s of %(machine)s is in no chosen '
        'subnet of the network %(network)s (%(subnets)s).'
    ),
    why='The port gets another address.',
    remedy=(
        'Map the network to one with that subnet, or change the address in '
        'the guest and in what knows it (DNS).'
    ),
    origin='Neutron API, fixed_ips; forklift#1113',
    cold=model.WARNING,
    warm=model.WARNING,
    needs=('target',),
)
def _outside(facts):
    for nic, entry, network, address in _addresses(facts):
        subnets = _subnets(entry, network)
        if not any(subnet.holds(address) for subnet in subnets):
            yield {
                'address': address,
                'nic': nic.label,
                'machine': facts.machine.name,
                'network': network.name,
                'subnets': ', '.join(s.cidr for s in subnets) or 'none',
            }


@FAMILY.rule(
    code='concern.address_in_use',
    what=(
        'The address %(address)s of %(machine)s is in use in the network '
        '%(network)s.'
    ),
    why='The port gets another address.',
    remedy='Free the address: delete the port that has it.',
    origin='Neutron API, IpAddressAlreadyAllocated',
    cold=model.WARNING,
    warm=model.WARNING,
    needs=('target',),
)
def _address_in_use(facts):
    for _nic, entry, network, address in _addresses(facts):
        taken = (network.id, address) in facts.share.addresses
        if not taken and address not in network.addresses:
            continue
        if any(s.holds(address) for s in _subnets(entry, network)):
            yield {
                'address': address,
                'machine': facts.machine.name,
                'network': network.name,
            }


@FAMILY.rule(
    code='concern.mac_in_use',
    what=(
        'The MAC address %(mac)s of %(nic)s of %(machine)s is in use in the '
        'network %(network)s.'
    ),
    why='The port gets another MAC address.',
    remedy='Delete the port that has it, or give the interface another one.',
    origin='Neutron API, MacAddressInUse',
    cold=model.WARNING,
    warm=model.WARNING,
    needs=('target',),
)
def _mac_in_use(facts):
    for nic, _entry, network in facts.places():
        if not facts.keeps('keep_mac', nic):
            continue
        taken = (network.id, nic.mac) in facts.share.macs
        if taken or nic.mac in network.macs:
            yield {
                'mac': nic.mac,
                'nic': nic.label,
                'machine': facts.machine.name,
                'network': network.name,
            }


@FAMILY.rule(
    code='concern.addresses_not_kept',
    what=(
        'The network %(network)s belongs to another project: the addresses '
        'of %(nic)s of %(machine)s cannot be chosen.'
    ),
    why='Only the owner of a network chooses IP and MAC addresses in it.',
    remedy='Use a network of the project, or expect new addresses.',
    origin='Neutron policy create_port:mac_address, create_port:fixed_ips',
    cold=model.WARNING,
    warm=model.WARNING,
    needs=('target',),
)
def _not_kept(facts):
    for nic, _entry, network in facts.places():
        wanted = facts.keeps('keep_ip', nic) or facts.keeps('keep_mac', nic)
        if wanted and not network.own:
            yield {
                'network': network.name,
                'nic': nic.label,
                'machine': facts.machine.name,
            }


@FAMILY.rule(
    code='concern.subnet_full',
    what=(
        'The network %(network)s has %(free)s free addresses; %(taken)s are '
        'for machines before %(machine)s.'
    ),
    why='Neutron would refuse the port.',
    remedy='Free addresses, enlarge the subnet or choose another network.',
    origin='Neutron API, IpAddressGenerationFailure',
    needs=('target',),
)
def _full(facts):
    wanted: dict[tuple, int] = {}
    for _nic, entry, network in facts.places():
        key = (network.id, entry.get('subnet_id'))
        wanted[key] = wanted.get(key, 0) + 1
    for (network_id, subnet_id), count in wanted.items():
        network = facts.target.networks[network_id]
        known = [
            subnet.free
            for subnet in _subnets({'subnet_id': subnet_id}, network)
        ]
        taken = facts.share.ports[network_id, subnet_id]
        if known and None not in known and sum(known) < taken + count:
            yield {
                'network': network.name,
                'free': sum(known),
                'taken': taken,
                'machine': facts.machine.name,
            }
