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

"""What the lab's guests are: sizes, identities and network cards, as data.

Every UUID and hardware address is fixed, so that two builds from one root
file system differ only where Debian's own tools put a date.
"""

import dataclasses

MIB = 1 << 20
SECTOR = 512


@dataclasses.dataclass(frozen=True)
class Partition:
    """One partition; ``start`` and ``size`` in bytes."""

    start: int
    size: int
    type: str  # as sfdisk writes it
    uuid: str  # of what is in it


@dataclasses.dataclass(frozen=True)
class Guest:
    """A guest: its root disk, perhaps a data disk, its network cards."""

    name: str
    firmware: str  # 'bios' or 'efi'
    root_size: int
    root_uuid: str
    swap_uuid: str
    initramfs: str  # 'vmware': cannot boot on virtio; 'most': can
    compress: str  # of the initramfs
    nics: tuple[tuple[str, str], ...]  # name, stanza of interfaces(5)
    data_uuid: str | None = None
    #: MAC of the first card, whose name the guest itself keeps.
    named_mac: str | None = None

    @property
    def swap(self) -> Partition:
        """Of BIOS guests it comes first, of EFI ones after the ESP."""
        start = MIB if self.firmware == 'bios' else 65 * MIB
        kind = '82' if self.firmware == 'bios' else 'S'
        return Partition(start, 128 * MIB, kind, self.swap_uuid)

    @property
    def root(self) -> Partition:
        """The root partition: the rest of the disk but its last MiB."""
        start = self.swap.start + self.swap.size
        kind = '83' if self.firmware == 'bios' else 'L'
        size = self.root_size - start - MIB
        return Partition(start, size, kind, self.root_uuid)

    @property
    def root_number(self) -> int:
        """The root partition's number."""
        return 2 if self.firmware == 'bios' else 3

    @property
    def disks(self) -> tuple[str, ...]:
        """The files of this guest in the cache, in disk order."""
        count = 2 if self.data_uuid else 1
        return tuple(f'{self.name}-{i}.raw' for i in range(count))


ESP = Partition(MIB, 64 * MIB, 'U', '4c414221')
DATA_SIZE = 1024 * MIB
#: The data disk's file system. What follows it on the disk is never used by
#: the guest: the simulator's writer may scribble there.
DATA = Partition(MIB, 767 * MIB, 'L', '')

DHCP = 'dhcp'
SECOND_NETWORK = 'static\n    address 192.168.50.21/24'

GUESTS = (
    Guest(
        name='web-bios',
        firmware='bios',
        root_size=2048 * MIB,
        root_uuid='6d1f3c52-0b1e-4c58-9d25-5a1c6f2e0001',
        swap_uuid='6d1f3c52-0b1e-4c58-9d25-5a1c6f2e0002',
        initramfs='vmware',
        compress='zstd',
        nics=(('ens192', DHCP), ('ens224', SECOND_NETWORK)),
        data_uuid='6d1f3c52-0b1e-4c58-9d25-5a1c6f2e0003',
    ),
    Guest(
        name='web-uefi',
        firmware='efi',
        root_size=2048 * MIB,
        root_uuid='6d1f3c52-0b1e-4c58-9d25-5a1c6f2e0011',
        swap_uuid='6d1f3c52-0b1e-4c58-9d25-5a1c6f2e0012',
        initramfs='vmware',
        compress='gzip',
        nics=(('ens192', DHCP),),
    ),
    Guest(
        name='db-virtio',
        firmware='bios',
        root_size=2048 * MIB,
        root_uuid='6d1f3c52-0b1e-4c58-9d25-5a1c6f2e0021',
        swap_uuid='6d1f3c52-0b1e-4c58-9d25-5a1c6f2e0022',
        initramfs='most',
        compress='zstd',
        nics=(('ens192', DHCP),),
        named_mac='00:50:56:8a:10:21',
    ),
)
