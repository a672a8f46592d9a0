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


"""``drivers.base.Source`` for VMware vCenter Server and ESXi."""

import contextlib
import functools

from pyVmomi import vim

from migrate_service.drivers import base
from migrate_service.drivers import errors
from migrate_service.drivers.vsphere import address
from migrate_service.drivers.vsphere import export
from migrate_service.drivers.vsphere import faults
from migrate_service.drivers.vsphere import guest_operations
from migrate_service.drivers.vsphere import lease
from migrate_service.drivers.vsphere import machines
from migrate_service.drivers.vsphere import power
from migrate_service.drivers.vsphere import privileges
from migrate_service.drivers.vsphere import session
from migrate_service.drivers.vsphere import snapshots
from migrate_service.drivers.vsphere import tags
from migrate_service.drivers.vsphere import tls
from migrate_service.drivers.vsphere import tree
from migrate_service.drivers.vsphere import vddk


def open_source(conf, source):
    """Log in to a source and return it.

    :param conf: the configuration, group ``[vsphere]``.
    :param source: dict with ``address``, ``port``, ``username``,
        ``password``, ``ca`` (PEM text or None), ``fingerprint`` (or None).
    :raises DriverError: with code and remedy.
    """
    options = conf.vsphere
    endpoint = _resolve(options, source['address'], source.get('port') or 443)
    with faults.explained(endpoint.host, 'the connection'):
        context, certificate = tls.context_for(
            endpoint,
            ca=source.get('ca'),
            fingerprint=source.get('fingerprint'),
            timeout=options.connect_timeout,
        )
    opened = session.Session(
        endpoint,
        context,
        username=source['username'],
        password=source['password'],
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
        task_timeout=options.task_timeout,
    )
    return VsphereSource(
        opened,
        trust=(source.get('ca'), certificate),
        options=options,
        connect=functools.partial(_connect, options, source),
    )


def _resolve(options, host, port):
    return address.resolve(
        host,
        port,
        allowed=options.allowed_networks,
        denied=options.denied_networks,
    )


def _connect(options, source, host, port):
    """Return a connection to another host that the source named.

    The pin is for the certificate of the source alone: the host then must
    show one that the CA of the source, or the system's, has signed.
    """
    endpoint = _resolve(options, host, port)
    context, _certificate = tls.context_for(endpoint, ca=source.get('ca'))
    return tls.Connection(
        endpoint,
        context,
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
    )


class VsphereSource(base.Source):
    """One session with a vCenter Server or ESXi host.

    :param trust: ``(ca, certificate)``, PEM text that is trusted, or None.
    :param options: the group ``[vsphere]`` of the configuration.
    :param connect: as for ``guest_operations.VsphereGuest``.
    """

    def __init__(self, opened, *, trust, options, connect):
        self._session = opened
        self._trust = trust
        self._options = options
        self._connect = connect
        self._snapshots = {}
        self._leases = {}

    def close(self):
        self._session.close()

    @functools.cached_property
    def _tree(self):
        with self._session.explained('reading the inventory'):
            return tree.Tree(self._session)

    @functools.cached_property
    def _mounts(self):
        """``{datastore name: folder}`` of this very source."""
        return export.mounts_of(
            self._session.endpoint.host,
            self.datastores(),
            self._options.datastore_mounts,
        )

    def product(self):
        about = self._session.content.about
        with self._session.explained('reading the privileges'):
            missing = privileges.missing(self._session)
        return {
            'name': about.name,
            'version': about.version,
            'build': about.build,
            'api_version': about.apiVersion,
            'instance_uuid': about.instanceUuid,
            'missing_privileges': missing,
        }

    def machines(self):
        with self._session.explained('reading the tags'):
            labels = tags.machine_tags(self._session)
        with self._session.explained('reading the machines'):
            found = self._session.collect({vim.VirtualMachine: machines.PATHS})
            for reference, values in found:
                yield machines.machine(
                    reference,
                    values,
                    self._tree,
                    labels.get(tree.key_of(reference), ()),
                )

    def networks(self):
        return self._tree.networks()

    def datastores(self):
        return self._tree.datastores()

    def machine(self, key):
        reference = self._session.reference(vim.VirtualMachine, key)
        with self._session.explained('reading the machine', key):
            values = self._session.properties(reference, machines.PATHS)
        if 'name' not in values:
            raise errors.MachineGone(machine=key)
        return machines.machine(reference, values, self._tree)

    def power_state(self, key):
        return power.state(self._session, key)

    def shut_down_guest(self, key):
        return power.shut_down_guest(self._session, key)

    def power_off(self, key):
        power.power_off(self._session, key)

    def power_on(self, key):
        power.power_on(self._session, key)

    def moment(self):
        return power.moment(self._session)

    def started_since(self, key, moment):
        return power.started_since(self._session, key, moment)

    def set_tracking(self, key, enabled):
        return snapshots.set_tracking(self._session, key, enabled)

    def create_snapshot(self, key, owner):
        made = snapshots.create(self._session, key, owner)
        self._snapshots[key] = made
        return made

    def snapshot(self, key, owner):
        found = snapshots.find(self._session, key, owner)
        self._snapshots[key] = found
        return found

    def remove_snapshot(self, key, owner):
        self._snapshots.pop(key, None)
        snapshots.remove(self._session, key, owner)

    def changed_areas(self, key, disk, *, snapshot, since):
        return snapshots.changed_areas(
            self._session, key, disk, snapshot=snapshot, since=since
        )

    def transports(self, machine):
        looked_at = self._looked_at(machine)
        return [name for name, why in looked_at.items() if why is None]

    def unavailable(self, machine):
        looked_at = self._looked_at(machine)
        return {name: why for name, why in looked_at.items() if why}

    def _looked_at(self, machine):
        kinds = {store.key: store.kind for store in self.datastores()}
        why = vddk.missing(self._options)
        return export.looked_at(machine, kinds, self._mounts, why)

    def export(self, machine, disk, *, transport, workdir, log):
        if transport == 'file':
            return export.open_file(disk, mounts=self._mounts, workdir=workdir)
        if transport == 'nfc':
            return self._export_stream(machine, disk, workdir)
        if transport == 'vddk':
            return vddk.open_disk(
                self._session,
                machine,
                disk,
                snapshot=self._snapshot_with(machine, disk),
                options=self._options,
                workdir=workdir,
            )
        return export.open_https(
            self._session,
            disk,
            datacenter=self._datacenter(machine),
            trust=self._trust,
            workdir=workdir,
            connections=self._options.connections,
        )

    def guest(self, key, *, username, password):
        return guest_operations.VsphereGuest(
            self._session,
            key,
            username=username,
            password=password,
            connect=self._connect,
        )

    def _snapshot_with(self, machine, disk):
        """Return the id of the snapshot that a frozen disk is of, or None."""
        snapshot = self._snapshots.get(machine.key)
        if snapshot and disk in snapshot.disks:
            return snapshot.key
        return None

    @contextlib.contextmanager
    def _export_stream(self, machine, disk, workdir):
        """Serve a disk of the lease that all disks of a machine share."""
        taken = self._leases.get(machine.key)
        if taken is None:
            taken = lease.take(self._session, machine)
            self._leases[machine.key] = taken
        taken.users += 1
        try:
            with lease.open_disk(
                self._session,
                taken,
                disk,
                trust=self._trust,
                networks=(
                    self._options.allowed_networks,
                    self._options.denied_networks,
                ),
                workdir=workdir,
            ) as opened:
                yield opened
        except BaseException:
            taken.failed = True
            raise
        finally:
            taken.users -= 1
            if not taken.users:
                del self._leases[machine.key]
                taken.end()

    def _datacenter(self, machine):
        """Return the inventory path of the machine's datacenter."""
        reference = self._session.reference(vim.VirtualMachine, machine.key)
        with self._session.explained('reading the machine', machine.key):
            values = self._session.properties(
                reference, ['parent', 'runtime.host']
            )
        for above in ('parent', 'runtime.host'):
            path = self._tree.datacenter_path(values.get(above))
            if path:
                return path
        return 'ha-datacenter'
