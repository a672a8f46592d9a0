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

"""The shapes of what a source holds: machines, disks, NICs and the rest.

They cross the bus and the database as the dicts that ``to_dict`` makes, and
the API shows them unchanged. Sizes are bytes, memory is MiB.
"""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Disk:
    """A virtual disk.

    ``key`` is stable within the machine (VMware: the device key, which a
    snapshot does not change). ``mode`` and ``sharing`` are VMware's words
    (``persistent``, ``independent_persistent``; ``sharingNone``,
    ``sharingMultiWriter``). ``kind`` is ``flat``, ``rdm`` or ``sparse``.
    ``path`` is the datastore path of the present leaf, such as
    ``[ds] vm/vm.vmdk``; never shown to granted projects. ``bus_sharing`` is
    that of its controller (``noSharing``, ``physicalSharing``).
    """

    key: str
    label: str
    size: int
    datastore: str | None = None
    path: str | None = None
    kind: str = 'flat'
    mode: str = 'persistent'
    sharing: str = 'sharingNone'
    thin: bool = False
    has_parent: bool = False
    controller: str | None = None
    unit: int | None = None
    encrypted: bool = False
    change_id: str | None = None
    bus_sharing: str = 'noSharing'


@dataclasses.dataclass(frozen=True, kw_only=True)
class Nic:
    """A network interface; ``addresses`` as the guest reported them."""

    key: str
    label: str
    mac: str
    network: str | None = None
    model: str | None = None
    connected: bool = True
    addresses: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Machine:
    """One virtual machine of a source.

    ``power_state`` is ``on``, ``off`` or ``suspended``; ``firmware`` is
    ``bios`` or ``efi``; ``tools`` is ``running``, ``stopped`` or
    ``missing``; ``guest_family`` is ``linux``, ``windows`` or ``other``.
    ``folder`` is the inventory path of the folder. ``passthrough`` names
    devices of the host, ``locked`` what another product does not allow
    (``disabledMethod``), ``managed_by`` the product that owns the machine,
    ``question`` what it waits to be answered. ``committed`` are bytes that it
    takes on its datastores, None when that is not known.
    """

    key: str
    name: str
    power_state: str
    uuid: str | None = None
    folder: str | None = None
    cluster: str | None = None
    host: str | None = None
    resource_pool: str | None = None
    guest_id: str | None = None
    guest_name: str | None = None
    guest_family: str = 'other'
    hostname: str | None = None
    cpus: int = 1
    memory_mib: int = 512
    firmware: str = 'bios'
    secure_boot: bool = False
    tpm: bool = False
    encrypted: bool = False
    template: bool = False
    tools: str = 'missing'
    hardware_version: str | None = None
    change_tracking: bool = False
    snapshots: int = 0
    snapshot_depth: int = 0
    consolidation_needed: bool = False
    connection_state: str = 'connected'
    fault_tolerance: bool = False
    nested: bool = False
    passthrough: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    managed_by: str | None = None
    question: str | None = None
    committed: int | None = None
    tags: tuple[str, ...] = ()
    disks: tuple[Disk, ...] = ()
    nics: tuple[Nic, ...] = ()

    def to_dict(self):
        """Return the machine as JSON-able plain data."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data):
        """Rebuild a machine from what ``to_dict`` returned."""
        disks = tuple(Disk(**disk) for disk in data['disks'])
        nics = tuple(
            Nic(**nic | {'addresses': tuple(nic['addresses'])})
            for nic in data['nics']
        )
        lists = {
            name: tuple(data.get(name, ()))
            for name in ('tags', 'passthrough', 'locked')
        }
        return cls(**data | lists | {'disks': disks, 'nics': nics})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Network:
    """A network of a source: a port group or a distributed port group."""

    key: str
    name: str
    vlan: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Datastore:
    """A datastore of a source; ``capacity`` and ``free`` in bytes."""

    key: str
    name: str
    kind: str = 'VMFS'
    capacity: int = 0
    free: int = 0
