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

"""What the rules look at: plain facts, gathered by others beforehand."""

import collections
import dataclasses
import ipaddress

from migrate_service import inventory
from migrate_service import mapping


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """What is known of the source beside the machine.

    ``networks`` is ``{key: name}``, ``datastores`` ``{key: dict}`` of
    ``inventory.Datastore``; ``age`` of the inventory in seconds.
    """

    networks: dict = dataclasses.field(default_factory=dict)
    datastores: dict = dataclasses.field(default_factory=dict)
    missing_privileges: tuple[str, ...] = ()
    age: float | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Node:
    """What the conversion node can do for the machine.

    ``error`` is ``{'code', 'message', 'remedy'}`` when it did not reach the
    source. ``possible`` are the transports for the machine's disks,
    ``enabled`` those of the node. ``skew`` is how many seconds the clock of
    the source is ahead.
    """

    error: dict | None = None
    possible: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()
    skew: float | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Flavor:
    """A flavor; ``plain`` ones ask for no special hosts or devices."""

    id: str
    name: str
    vcpus: int
    ram: int
    disk: int = 0
    plain: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True)
class Subnet:
    """A subnet; ``free`` addresses, as far as the project sees them."""

    id: str
    cidr: str
    free: int | None = None

    def holds(self, address):
        return ipaddress.ip_address(address) in ipaddress.ip_network(self.cidr)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Network:
    """A network of the cloud; ``own`` if the project may choose addresses.

    ``macs`` and ``addresses`` are those in use, as the project sees them.
    """

    id: str
    name: str
    own: bool = True
    subnets: tuple[Subnet, ...] = ()
    macs: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
    """The project in the cloud.

    ``quotas`` is ``{name: (limit, used)}``, -1 for no limit, and holds what
    may be read only. ``volume_types`` maps names and ids to names.
    ``pools`` is ``{name: free GiB}`` where the project may see them.
    """

    flavors: tuple[Flavor, ...] = ()
    quotas: dict = dataclasses.field(default_factory=dict)
    networks: dict = dataclasses.field(default_factory=dict)
    security_groups: tuple[tuple[str, str], ...] = ()
    key_pairs: frozenset[str] = frozenset()
    zones: tuple[str, ...] = ()
    volume_zones: tuple[str, ...] = ()
    volume_types: dict = dataclasses.field(default_factory=dict)
    default_type: str | None = None
    pools: dict | None = None


@dataclasses.dataclass
class Share:
    """What the machines before this one in the same set will take."""

    quotas: collections.Counter = dataclasses.field(
        default_factory=collections.Counter
    )
    addresses: set = dataclasses.field(default_factory=set)
    macs: set = dataclasses.field(default_factory=set)
    ports: collections.Counter = dataclasses.field(
        default_factory=collections.Counter
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything about one machine on its way; None is not known.

    :param options: the options of a migration, with their defaults.
    """

    machine: inventory.Machine
    kind: str = 'cold'
    options: dict = dataclasses.field(default_factory=dict)
    source: Source | None = None
    node: Node | None = None
    target: Target | None = None
    share: Share = dataclasses.field(default_factory=Share)

    def option(self, name, default=None):
        """Return what the user chose."""
        value = self.options.get(name)
        return default if value is None else value

    def chosen_network(self, nic):
        """Return the entry of ``networks`` for a NIC, or None."""
        for entry in self.option('networks', ()):
            if entry['source'] == nic.network:
                return entry
        return None

    def keeps(self, name, nic):
        """Return whether ``keep_mac`` or ``keep_ip`` holds for a NIC."""
        return mapping.kept(self.options, self.chosen_network(nic), name)

    def datastore(self, disk):
        """Return the datastore of a disk as a dict, or None."""
        if self.source is None:
            return None
        return self.source.datastores.get(disk.datastore)

    def places(self):
        """Yield ``(nic, entry, Network)`` of NICs whose network exists."""
        known = self.target.networks if self.target else {}
        for nic in self.machine.nics:
            entry = self.chosen_network(nic)
            network = entry and known.get(entry['network_id'])
            if network:
                yield nic, entry, network
