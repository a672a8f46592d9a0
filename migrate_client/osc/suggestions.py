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

"""Which network or volume type stands for what of a source, by likeness."""

import dataclasses
import ipaddress


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """What stands for a thing of the source, None where nothing does.

    ``by`` are the reasons; without a target they say why not.
    """

    kind: str
    name: str
    id: str
    target: object = None
    subnet: object = None
    by: tuple[str, ...] = ()


def networks(found, machines, targets, subnets):
    """Return a :class:`Suggestion` for each network of a source.

    One that is like in more respects wins: the name, the VLAN id, and a
    subnet that holds all addresses of the machines on it.

    :param found: networks of the source.
    :param machines: machines of the source, with NICs.
    :param targets: networks of the project.
    :param subnets: subnets of the project.
    """
    addresses = _addresses(machines)
    return [
        _network(one, addresses.get(one.id, set()), targets, subnets)
        for one in found
    ]


def datastores(found, types):
    """Return a :class:`Suggestion` for each datastore, by equal name."""
    suggestions = []
    for one in found:
        same = [kind for kind in types if _same(kind.name, one.name)]
        target = same[0] if len(same) == 1 else None
        by = ('name',) if target else ()
        suggestions.append(
            Suggestion('datastore', one.name, one.id, target, None, by)
        )
    return suggestions


def _addresses(machines):
    """Return ``{network: addresses that guests have on it}``."""
    addresses: dict[str, set] = {}
    for machine in machines:
        for nic in machine.nics or ():
            known = addresses.setdefault(nic['network'], set())
            known |= {
                ip
                for ip in map(ipaddress.ip_address, nic['addresses'])
                if not ip.is_link_local
            }
    return addresses


def _network(one, addresses, targets, subnets):
    likeness = {}
    for target in targets:
        subnet = _holding(addresses, target, subnets)
        reasons = {
            'name': _same(target.name, one.name),
            'VLAN id': one.vlan and _vlan(target) == one.vlan,
            'subnet': subnet is not None,
        }
        likeness[target.id] = (
            tuple(name for name, holds in reasons.items() if holds),
            target,
            subnet,
        )
    most = max((len(by) for by, *_rest in likeness.values()), default=0)
    best = [entry for entry in likeness.values() if len(entry[0]) == most]
    if not most:
        return Suggestion('network', one.name, one.id)
    if len(best) > 1:
        names = ', '.join(sorted(target.name for _by, target, _ in best))
        return Suggestion(
            'network', one.name, one.id, by=(f'several: {names}',)
        )
    by, target, subnet = best[0]
    return Suggestion('network', one.name, one.id, target, subnet, by)


def _holding(addresses, target, subnets):
    """Return the subnet of a network that holds the IPv4 addresses.

    Machines have IPv6 addresses that routers announce, too: those do not
    tell where they are.
    """
    wanted = {ip for ip in addresses if ip.version == 4}
    for subnet in subnets:
        if subnet.network_id == target.id and wanted:
            cidr = ipaddress.ip_network(subnet.cidr)
            if all(ip in cidr for ip in wanted):
                return subnet
    return None


def _vlan(network):
    """Return the VLAN id, which Neutron tells administrators only."""
    if network.provider_network_type == 'vlan':
        return network.provider_segmentation_id
    return None


def _same(one, other):
    return (one or '').casefold() == (other or '').casefold()
