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

"""A source whose machines are files in a folder."""

import dataclasses
import datetime
import uuid
from urllib import parse

from migrate_service import inventory
from migrate_service.drivers import base
from migrate_service.drivers import errors
from migrate_service.drivers.fake import folder
from migrate_service.drivers.fake import guest
from migrate_service.drivers.fake import snapshots
from migrate_service.transfer import errors as transfer_errors
from migrate_service.transfer.transports import file
from migrate_service.transfer.transports import https
from migrate_service.transfer.transports import web

PRODUCT = {
    'name': 'Fake vCenter',
    'version': '8.0.3',
    'build': '1',
    'api_version': '8.0.3.0',
    'instance_uuid': '00000000-0000-4000-8000-000000000001',
    'missing_privileges': [],
}


def open_source(conf, source):
    """Return a session with the fake source.

    :param source: as a lease brings it, with ``password``. The password
        ``wrong`` and the address ``unreachable.test`` are refused.
    """
    if source['address'] == 'unreachable.test':
        raise errors.SourceUnreachable(
            address=source['address'], reason='no route to host'
        )
    if source['password'] == 'wrong':  # noqa: S105
        raise errors.SourceLoginRefused()
    state = folder.Folder(conf.fake.directory)
    state.call('open_source')
    return FakeSource(state, source['username'], source['password'])


class FakeSource(base.Source):
    """One session; ``folder`` is the :class:`folder.Folder`.

    With ``web/server.json`` (``url``, ``address`` and ``certificate`` of a
    web server with the disks) there is a second transport, ``https``.
    """

    def __init__(self, folder, username=None, password=None):
        self.folder = folder
        self._login = {'username': username, 'password': password}

    def close(self):
        pass

    def product(self):
        self.folder.call('product')
        return dict(PRODUCT)

    def machines(self):
        self.folder.call('machines')
        for key in self.folder.names('machines'):
            yield self._machine(key)

    def networks(self):
        return [
            inventory.Network(key='network-1', name='VM Network'),
            inventory.Network(key='network-2', name='Storage', vlan=20),
        ]

    def datastores(self):
        terabyte = 1024**4
        return [
            inventory.Datastore(
                key='datastore-1',
                name='ds1',
                capacity=terabyte,
                free=terabyte // 2,
            )
        ]

    def machine(self, key):
        self.folder.call('machine', key)
        return self._machine(key)

    def power_state(self, key):
        self.folder.call('power_state', key)
        return self._machine(key).power_state

    def shut_down_guest(self, key):
        self.folder.call('shut_down_guest', key)
        if self._machine(key).tools != 'running':
            return False
        self._set_power(key, 'off')
        return True

    def power_off(self, key):
        self.folder.call('power_off', key)
        self._set_power(key, 'off')

    def power_on(self, key):
        self.folder.call('power_on', key)
        self.folder.put({'at': self.moment()}, 'starts', key)
        self._set_power(key, 'on')

    def moment(self):
        return datetime.datetime.now(datetime.UTC).isoformat()

    def started_since(self, key, moment):
        started = self.folder.get('starts', key)
        return bool(started) and started['at'] > moment

    def transports(self, machine):
        server = self.folder.get('web', 'server')
        return ['file', 'https'] if server else ['file']

    def set_tracking(self, key, enabled):
        self.folder.call('set_tracking', key)
        state = snapshots.tracking(self.folder, key)
        if state['enabled'] == enabled:
            return False
        off = self._machine(key).power_state == 'off'
        snapshots.tracking(
            self.folder,
            key,
            enabled=enabled,
            effective=enabled and off,
            uuid=uuid.uuid4().hex,
        )
        return True

    def create_snapshot(self, key, owner):
        self.folder.call('create_snapshot', key)
        known = snapshots.find(self.folder, key, owner)
        if known:
            return known
        machine = self._machine(key)
        made = snapshots.create(self.folder, machine, owner)
        self.folder.call('created_snapshot', key)
        return made

    def snapshot(self, key, owner):
        self.folder.call('snapshot', key)
        return snapshots.find(self.folder, key, owner)

    def remove_snapshot(self, key, owner):
        self.folder.call('remove_snapshot', key)
        snapshots.remove(self.folder, self._machine(key), owner)

    def changed_areas(self, key, disk, *, snapshot, since):
        self.folder.call('changed_areas', key)
        return snapshots.changed(
            self.folder,
            self._machine(key),
            disk,
            snapshot=snapshot,
            since=since,
        )

    def export(self, machine, disk, *, transport, workdir, log):
        """Serve a disk; one that is in use, or has moved, is not there."""
        self.folder.call('export', machine.key)
        path = self._readable(machine, disk)
        place = {
            'size': disk.size,
            'workdir': workdir,
            'name': f'disk-{disk.key}',
        }
        if transport == 'https':
            server = self.folder.get('web', 'server')
            url = f'{server.pop("url")}/{parse.quote(path.name)}'
            endpoint = web.Endpoint(url=url, **server, **self._login)
            return https.open_disk(endpoint, **place)
        return file.open_disk(str(path), root=str(path.parent), **place)

    def _readable(self, machine, disk):
        if disk.path.startswith(snapshots.FROZEN):
            return snapshots.path(self.folder, disk)
        now = self._machine(machine.key)
        if now.power_state == 'on':
            raise errors.TransportUnavailable(
                machine=now.name, reason='its disks are in use'
            )
        if disk.path not in [here.path for here in now.disks]:
            raise transfer_errors.TransportNotFound(where=disk.path)
        return snapshots.base_of(self.folder, now, disk)

    def guest(self, key, *, username, password):
        return guest.FakeGuest(self.folder, key, username, password)

    def _machine(self, key):
        data = self.folder.get('machines', key)
        if data is None:
            raise errors.MachineGone(machine=key)
        machine = inventory.Machine.from_dict(data)
        return self._with_snapshots(machine)

    def _with_snapshots(self, machine):
        """Return the machine with the snapshots that it has now."""
        count = len(self.folder.names('snapshots', machine.key))
        if not count:
            return machine
        return dataclasses.replace(
            machine,
            snapshots=count,
            disks=tuple(
                dataclasses.replace(disk, has_parent=True)
                for disk in machine.disks
            ),
        )

    def _set_power(self, key, state):
        with snapshots.stunned(self.folder, key):
            data = self.folder.get('machines', key)
            self.folder.put(data | {'power_state': state}, 'machines', key)
