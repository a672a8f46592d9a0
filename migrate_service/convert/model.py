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

"""What conversion works on and finds: plain data that crosses processes."""

import dataclasses
import types
import typing

#: How an inspection ended.
SYSTEM = 'system'  # one operating system was found
EMPTY = 'none'  # no operating system was found: data disks
SEVERAL = 'several'  # more than one root: a multi-boot machine
ENCRYPTED = 'encrypted'  # LUKS or BitLocker hides the root

#: The kinds of conversion, least change first.
NONE = 'none'
MINIMAL = 'minimal'
FULL = 'full'


@dataclasses.dataclass(frozen=True)
class Disk:
    """A disk of the guest; ``format`` (``raw``, ``qcow2``) is never probed."""

    path: str
    format: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kernel:
    """A Linux kernel that the guest could boot.

    ``modules`` and ``builtin`` name the virtio drivers of the kernel,
    ``initrd_modules`` those in its initramfs. ``initrd_kind`` is
    ``initramfs-tools``, ``dracut``, ``other`` or ``unreadable``,
    ``initrd_size`` its bytes as it lies there.
    """

    version: str
    modules: tuple[str, ...] = ()
    builtin: tuple[str, ...] = ()
    initrd: str | None = None
    initrd_kind: str | None = None
    initrd_modules: tuple[str, ...] = ()
    initrd_problem: str | None = None
    initrd_size: int = 0
    default: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Interface:
    """A network interface that the guest's configuration names.

    ``pinned`` tells that the guest itself gives this name to the card with
    the hardware address ``mac``.
    """

    name: str
    path: str
    mac: str | None = None
    pinned: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Esp:
    """An EFI system partition; ``loaders`` are paths on it, as written."""

    device: str
    loaders: tuple[str, ...] = ()
    fallback: bool = False

    @property
    def shim(self):
        """Whether a shim is there: the guest may boot with secure boot."""
        return any(
            path.lower().endswith('/shimx64.efi') for path in self.loaders
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Windows:
    """What matters about a Windows guest."""

    virtio_drivers: tuple[str, ...] = ()
    hibernated: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Inspection:
    """What is on the disks of a machine.

    ``outcome`` is SYSTEM, EMPTY, SEVERAL or ENCRYPTED, ``disks`` their
    number; the fields after
    ``roots`` are only known for SYSTEM. ``type`` is ``linux``, ``windows``
    or libguestfs's other words; ``mountpoints`` maps a mount point to a
    device of the appliance; ``named_devices`` lists the ``/dev/sdX`` and
    ``/dev/hdX`` that fstab and the kernel command line depend on; ``free``
    maps ``/`` and ``/boot`` to free bytes. ``problems`` are sentences about
    what could not be read. ``mark`` changes with the root file system and
    its fstab.
    """

    outcome: str
    disks: int = 1
    roots: tuple[str, ...] = ()
    type: str | None = None
    distro: str | None = None
    version: str | None = None
    arch: str | None = None
    product: str | None = None
    osinfo: str | None = None
    hostname: str | None = None
    mountpoints: dict[str, str] = dataclasses.field(default_factory=dict)
    kernels: tuple[Kernel, ...] = ()
    named_devices: tuple[str, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    link_files: bool = False
    esp: Esp | None = None
    free: dict[str, int] = dataclasses.field(default_factory=dict)
    windows: Windows | None = None
    open_vm_tools: bool = False
    guest_agent: bool = False
    problems: tuple[str, ...] = ()
    mark: str | None = None
    seconds: float = 0.0

    def to_dict(self):
        """Return plain data that ``from_dict`` takes and JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data):
        """Rebuild an inspection from what ``to_dict`` returned."""
        return _build(cls, data)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Decision:
    """The conversion to make, and the hardware that fits its result.

    ``disk_bus`` is ``virtio``, ``scsi`` (virtio-scsi), ``sata`` or ``ide``;
    ``nic_model`` is ``virtio``, ``e1000`` or ``e1000e``. ``reasons`` and
    ``warnings`` are sentences for the user.
    """

    kind: str
    disk_bus: str = 'virtio'
    nic_model: str = 'virtio'
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_dict(self):
        """Return plain data that ``from_dict`` takes and JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data):
        """Rebuild a decision from what ``to_dict`` returned."""
        return _build(cls, data)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Conversion:
    """What a conversion did; ``changes`` and ``warnings`` are sentences.

    ``image_properties`` belong on the boot volume; ``seconds`` is the time
    the conversion took.
    """

    kind: str
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    image_properties: dict[str, str] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0

    def to_dict(self):
        """Return plain data that ``from_dict`` takes and JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data):
        """Rebuild a conversion from what ``to_dict`` returned."""
        return _build(cls, data)


def _build(cls, data):
    """Make ``cls`` of plain data: lists to tuples, dicts to dataclasses."""
    hints = typing.get_type_hints(cls)
    return cls(
        **{name: _value(hints[name], value) for name, value in data.items()}
    )


def _value(hint, value):
    if value is None:
        return None
    if isinstance(hint, types.UnionType):
        hint = next(
            arm for arm in typing.get_args(hint) if arm is not type(None)
        )
    if dataclasses.is_dataclass(hint):
        return _build(hint, value)
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        return tuple(_value(item, part) for part in value)
    return value
