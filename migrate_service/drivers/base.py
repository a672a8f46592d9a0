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

"""What a source and a destination must be able to do.

Drivers know nothing of steps, leases or the database. They raise
``exceptions.StepFailed`` or subclasses of it (``drivers.errors``), each with
a stable code and a remedy. Every ``ensure_*`` finds what an earlier attempt
made (by ``owner``, the id of the migration, which everything created carries)
before it creates; every ``remove_*`` succeeds when there is nothing left.
"""

import abc
import dataclasses
import typing

if typing.TYPE_CHECKING:
    import collections.abc
    import contextlib

    from migrate_service import inventory
    from migrate_service.concerns import facts
    from migrate_service.drivers import guest


@dataclasses.dataclass(frozen=True, kw_only=True)
class VolumeRequest:
    """A volume to make; ``size`` in bytes, rounded up to whole GiB.

    ``key`` is the key of the disk it replaces. ``clone_of`` is the id of a
    volume, attached nowhere, whose content it shall have; it is not changed.
    """

    key: str
    name: str
    size: int
    volume_type: str | None = None
    availability_zone: str | None = None
    bootable: bool = False
    clone_of: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkRequest:
    """An isolated network to make, without a router.

    Its subnets are those of the ports ``like``, in which their addresses are
    valid.
    """

    key: str
    name: str
    like: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class PortRequest:
    """A port to make; ``key`` is the key of the NIC it replaces."""

    key: str
    name: str
    network_id: str
    subnet_id: str | None = None
    mac: str | None = None
    addresses: tuple[str, ...] = ()
    security_groups: tuple[str, ...] | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServerRequest:
    """A server to make from volumes and ports, both in boot order."""

    name: str
    flavor_id: str
    volume_ids: tuple[str, ...]
    port_ids: tuple[str, ...]
    key_name: str | None = None
    availability_zone: str | None = None
    metadata: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A snapshot of ours: ``disks`` are the frozen ones.

    Their ``path`` is what ``Source.export`` reads while the machine runs,
    their ``change_id`` what later changes are asked against; None where
    changes are not tracked.
    """

    key: str
    disks: 'tuple[inventory.Disk, ...]'


class Source(abc.ABC):
    """One session with a source. Use it as a context manager."""

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    @abc.abstractmethod
    def close(self):
        """End the session."""

    @abc.abstractmethod
    def product(self) -> dict:
        """Tell what the source is.

        :returns: ``{'name', 'version', 'build', 'api_version',
            'instance_uuid', 'missing_privileges': []}``.
        """

    @abc.abstractmethod
    def machines(self) -> 'collections.abc.Iterator[inventory.Machine]':
        """Yield every machine that the account can see."""

    @abc.abstractmethod
    def networks(self) -> 'list[inventory.Network]':
        """Return the networks of the source."""

    @abc.abstractmethod
    def datastores(self) -> 'list[inventory.Datastore]':
        """Return the datastores of the source."""

    @abc.abstractmethod
    def machine(self, key) -> 'inventory.Machine':
        """Return the machine as it is now.

        :raises MachineGone: the source has no machine with that key.
        """

    @abc.abstractmethod
    def power_state(self, key) -> str:
        """Return ``on``, ``off`` or ``suspended``, read now."""

    @abc.abstractmethod
    def shut_down_guest(self, key) -> bool:
        """Ask the guest to shut down; False when it has no tools."""

    @abc.abstractmethod
    def power_off(self, key):
        """Cut the power, and return when the machine is off."""

    @abc.abstractmethod
    def power_on(self, key):
        """Switch the machine on, and return when it is on."""

    def moment(self) -> str | None:
        """Return the source's present time, for ``started_since``."""
        return None

    def started_since(self, key, moment) -> bool:
        """Return whether the machine was started after ``moment``.

        A source that keeps no events knows only whether it is on now.
        """
        return self.power_state(key) != 'off'

    @abc.abstractmethod
    def transports(self, machine) -> list[str]:
        """Return the transports that can read ``machine``, best first."""

    def unavailable(self, machine) -> dict[str, str]:
        """Return why the other transports cannot read ``machine``."""
        return {}

    @abc.abstractmethod
    def set_tracking(self, key, enabled) -> bool:
        """Switch the tracking of changed blocks; return whether it changed.

        In a machine that runs it takes effect with the next snapshot.
        """

    @abc.abstractmethod
    def create_snapshot(self, key, owner) -> Snapshot:
        """Find the snapshot of ``owner``, or freeze all disks at once."""

    @abc.abstractmethod
    def snapshot(self, key, owner) -> Snapshot | None:
        """Return the snapshot of ``owner`` as it is now, or None."""

    @abc.abstractmethod
    def remove_snapshot(self, key, owner):
        """Remove all snapshots of ``owner``, and wait for consolidation.

        A new snapshot before that tears file systems (forklift 1184,
        MTV-1656).
        """

    @abc.abstractmethod
    def changed_areas(
        self, key, disk, *, snapshot, since
    ) -> list[tuple[int, int]]:
        """Return what changed on a disk, ``(start, length)`` in bytes.

        There may be too many areas, never too few.

        :param disk: as it is in ``snapshot``.
        :param snapshot: up to which; None is now, for a machine that is
            off.
        :param since: change id of an earlier snapshot; ``*`` asks for what
            was ever allocated.
        :raises TrackingUnusable: nothing can be told: compare instead.
        """

    @abc.abstractmethod
    def export(
        self, machine, disk, *, transport, workdir, log
    ) -> 'contextlib.AbstractContextManager':
        """Serve the content of a frozen disk over NBD.

        The machine is off, or ``disk`` is one of a snapshot.

        The context manager gives ``transfer.transports.Export`` (``uri``,
        ``size``, ``extents``); secrets stay in ``workdir`` (0700).
        """

    @abc.abstractmethod
    def guest(self, key, *, username, password) -> 'guest.Guest':
        """Return the running guest of a machine, as one of its users."""


class Destination(abc.ABC):
    """One session with the cloud, as a user in a project (by a trust)."""

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    @abc.abstractmethod
    def close(self):
        """End the session."""

    @abc.abstractmethod
    def check(self, machine, options):
        """Refuse what can be refused before anything is created.

        Networks, subnets, volume types, security groups, key pair and
        availability zones exist and are visible; a flavor fits; quotas of
        Nova, Cinder and Neutron suffice.

        :param machine: ``inventory.Machine``.
        :param options: the options of the migration, as the API took them.
        :returns: ``{'flavor_id', 'flavor_name'}``.
        :raises StepFailed: with code and remedy.
        """

    @abc.abstractmethod
    def facts(self, options) -> 'facts.Target':
        """Return what rules of concerns want to know, read once for many.

        Nothing is created, and what was chosen may be missing.

        :param options: the options of a migration.
        """

    @abc.abstractmethod
    def ensure_volume(self, request: VolumeRequest, owner: str) -> dict:
        """Find or create; return ``{'id', 'size' (bytes), 'zeroed'}``.

        ``zeroed`` tells whether unwritten bytes surely read as zero (false
        for encrypted volume types, vjailbreak's finding).
        """

    @abc.abstractmethod
    def extend_volume(self, volume_id, size) -> int:
        """Make a volume at least ``size`` bytes; return its new size.

        It is detached before. What it holds stays; what is new of it may
        hold anything.
        """

    @abc.abstractmethod
    def attach_volume(
        self, volume_id, *, owner, workdir
    ) -> 'contextlib.AbstractContextManager':
        """Attach a volume to this node alone; detach it at the end.

        Whatever attachment an earlier attempt left, here or on another
        node, is deleted first: a volume has one writer. The context manager
        gives ``transfer.sinks.Sink``.
        """

    @abc.abstractmethod
    def set_image_properties(self, volume_id, properties):
        """Make the volume bootable with these image properties."""

    @abc.abstractmethod
    def ensure_port(self, request: PortRequest, owner: str) -> dict:
        """Find or create a port.

        An address that is taken or outside of the subnet is left out with a
        warning.

        :returns: ``{'id', 'mac', 'addresses', 'warnings': [str]}``.
        """

    @abc.abstractmethod
    def ensure_network(self, request: NetworkRequest, owner: str) -> dict:
        """Find or create an isolated network; return ``{'id'}``."""

    @abc.abstractmethod
    def ensure_server(self, request: ServerRequest, owner: str) -> dict:
        """Find or ask for the server; return ``{'id', 'status'}``."""

    @abc.abstractmethod
    def server(self, server_id) -> dict | None:
        """Return ``{'id', 'status', 'fault', 'host'}``, or None."""

    @abc.abstractmethod
    def console(self, server_id, length=200) -> str:
        """Return the last ``length`` lines of the serial console."""

    @abc.abstractmethod
    def stop_server(self, server_id):
        """Stop a server that exists, and return when it is stopped."""

    @abc.abstractmethod
    def remove(self, kind, *, resource_id, owner, key):
        """Delete a ``server``, ``port``, ``network``, ``volume``,
        ``attachment`` or ``trust`` and return when it is gone.

        ``resource_id`` may be None (the ledger was written, the answer never
        came): then what carries ``owner`` and ``key`` is looked for.
        """
