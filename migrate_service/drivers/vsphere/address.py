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


"""Which addresses a source may have: a tenant names them, the node connects.

The name is resolved once; the address that was checked is the one every
connection is made to, so that a second answer of the name server (DNS
rebinding) cannot lead elsewhere.
"""

import dataclasses
import ipaddress
import socket

from migrate_service.drivers import errors

#: Metadata services that are not link-local.
METADATA = ('fd00:ec2::254/128', '168.63.129.16/32', '100.100.100.200/32')
#: RFC 6052: IPv4 inside IPv6, translated on the way.
NAT64 = ipaddress.ip_network('64:ff9b::/96')
THIS_NETWORK = ipaddress.ip_network('0.0.0.0/8')


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """``host`` as given, and the checked IP ``address`` it leads to."""

    host: str
    port: int
    address: str

    @property
    def netloc(self):
        """``host:port`` for a URL, with brackets around IPv6."""
        host = f'[{self.host}]' if ':' in self.host else self.host
        return host if self.port == 443 else f'{host}:{self.port}'


def resolve(host, port, *, allowed=(), denied=()):
    """Return the :class:`Endpoint` of a source.

    :param allowed: networks (CIDR) that may be used whatever they are; no
        other may then be. Empty allows all that is not refused.
    :param denied: further networks that may not be used.
    :raises SourceAddressUnknown: the name cannot be resolved.
    :raises SourceAddressRefused: no address of the name may be used.
    """
    host = host.strip('[]')
    refused = None
    for address in _addresses(host, port):
        reason = refusal(address, allowed=allowed, denied=denied)
        if reason is None:
            return Endpoint(host=host, port=port, address=address)
        refused = refused or errors.SourceAddressRefused(
            address=host, ip=address, reason=reason
        )
    raise refused or errors.SourceAddressUnknown(address=host)


def refusal(address, *, allowed=(), denied=()):
    """Return why the IP address may not be used, or None.

    :param address: text; IPv4 inside IPv6 is judged as IPv4.
    """
    ip = _embedded(ipaddress.ip_address(address.partition('%')[0]))
    if allowed:
        inside = _inside(ip, allowed)
        return None if inside else 'outside of the networks allowed'
    if ip.is_loopback:
        return 'a loopback address'
    if ip.is_unspecified or _inside(ip, [THIS_NETWORK]):
        return 'an unspecified address'
    if ip.is_link_local:
        return 'a link-local or metadata address'
    if _inside(ip, METADATA):
        return 'a metadata address'
    if ip.is_multicast:
        return 'a multicast address'
    if ip.is_reserved:
        return 'a reserved or broadcast address'
    if _inside(ip, denied):
        return 'in a network that the operator denied'
    if _is_own(ip):
        return 'an address of the conversion node itself'
    return None


def _addresses(host, port):
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise errors.SourceAddressUnknown(address=host) from None
    return [entry[4][0] for entry in found]


def _embedded(ip):
    if ip.version == 4:
        return ip
    if ip in NAT64:
        return ipaddress.ip_address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _inside(ip, networks):
    return any(ip in ipaddress.ip_network(net) for net in networks)


def _is_own(ip):
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(ip), 0))
        except OSError:
            return False
    return True
