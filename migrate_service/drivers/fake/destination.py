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

"""A cloud whose volumes, ports and servers are files in a folder."""

import contextlib
import os
import socket
import uuid

from migrate_service.concerns import facts
from migrate_service.drivers import base
from migrate_service.drivers.fake import folder
from migrate_service.drivers.openstack import errors
from migrate_service.transfer import sinks

#: What sizes of volumes are whole multiples of; small, so that whoever reads
#: them to their ends is soon done.
UNIT = 16 * 1024**2
#: Ids are made from owner and key: who looks again finds the same.
NAMESPACE = uuid.UUID('5e0b1c9e-7f0a-4d4b-9c53-0d5d6a1f4e11')
#: A network that the project does not see.
INVISIBLE = '40440440-4044-4044-8044-404404404404'
RUBBISH = b'rubbish\n' * 512
FLAVOR = {'id': 'fake-flavor', 'name': 'm1.fake'}


def open_destination(conf, *, trust_id, project_id):
    """Return a session with the fake cloud."""
    state = folder.Folder(conf.fake.directory)
    state.call('open_destination')
    return FakeDestination(state, project_id)


class FakeDestination(base.Destination):
    """One session; ``folder`` is the :class:`folder.Folder`."""

    def __init__(self, folder, project_id):
        self.folder = folder
        self.project_id = project_id

    def close(self):
        pass

    def check(self, machine, options):
        self.folder.call('check', machine.key)
        if options.get('flavor_id') == 'missing':
            raise errors.TargetFlavorNotFound(flavor='missing')
        return {
            'flavor_id': options.get('flavor_id') or FLAVOR['id'],
            'flavor_name': FLAVOR['name'],
        }

    def facts(self, options):
        self.folder.call('facts')
        chosen = {entry['network_id'] for entry in options['networks']}
        limits = self.folder.get('target', 'quotas') or {}
        return facts.Target(
            flavors=(
                facts.Flavor(
                    id=FLAVOR['id'], name=FLAVOR['name'], vcpus=1, ram=512
                ),
                facts.Flavor(id='large', name='large', vcpus=64, ram=2**20),
            ),
            quotas={name: tuple(limit) for name, limit in limits.items()},
            networks={
                id: facts.Network(
                    id=id,
                    name='fake-net',
                    subnets=(facts.Subnet(id=id, cidr='192.0.2.0/24'),),
                )
                for id in chosen
            },
            zones=('nova',),
            default_type='fake',
            volume_types={'fake': 'fake'},
        )

    def ensure_volume(self, request, owner):
        self.folder.call('ensure_volume', request.key)
        size = -(-request.size // UNIT) * UNIT
        data = {'size': size, 'zeroed': True, 'properties': {}}
        volume = self._ensure('volume', owner, request.key, data)
        path = self.volume_path(volume['id'])
        if not os.path.exists(path):
            self._fill(path, request.clone_of, size)
        return {name: volume[name] for name in ('id', 'size', 'zeroed')}

    def _fill(self, path, clone_of, size):
        """Make the content of a volume, all of it at once."""
        new = path.with_suffix('.new')
        folder.sparse_file(new, size)
        if clone_of:
            if self.folder.get('cloud', 'attachment', clone_of):
                raise errors.TargetVolumeError(
                    volume=clone_of, status='in-use', reason='it is attached'
                )
            folder.copy_data(self.volume_path(clone_of), new)
        new.replace(path)

    def extend_volume(self, volume_id, size):
        """Extend; what is new holds rubbish, as on a thick LUN."""
        self.folder.call('extend_volume', volume_id)
        volume = self.folder.get('cloud', 'volume', volume_id)
        path = self.volume_path(volume_id)
        size = max(volume['size'], -(-size // UNIT) * UNIT)
        rubbish = {volume['size'], size - len(RUBBISH)}
        for start in rubbish if size > volume['size'] else ():
            with open(path, 'r+b') as image:
                image.truncate(size)
                image.seek(start)
                image.write(RUBBISH)
        volume['size'] = size
        self.folder.put(volume, 'cloud', 'volume', volume_id)
        return size

    @contextlib.contextmanager
    def attach_volume(self, volume_id, *, owner, workdir):
        self.folder.call('attach_volume', volume_id)
        volume = self.folder.get('cloud', 'volume', volume_id)
        if volume is None:
            raise errors.TargetVolumeError(
                volume=volume_id, status='gone', reason='it does not exist'
            )
        attachment = {'host': socket.gethostname(), 'owner': owner}
        self.folder.put(attachment, 'cloud', 'attachment', volume_id)
        try:
            yield sinks.Sink(
                path=str(self.volume_path(volume_id)),
                size=volume['size'],
                zeroed=volume['zeroed'],
            )
        finally:
            self.folder.drop('cloud', 'attachment', volume_id)

    def set_image_properties(self, volume_id, properties):
        self.folder.call('set_image_properties', volume_id)
        volume = self.folder.get('cloud', 'volume', volume_id)
        volume['properties'] = dict(properties)
        self.folder.put(volume, 'cloud', 'volume', volume_id)

    def ensure_port(self, request, owner):
        self.folder.call('ensure_port', request.key)
        if request.network_id == INVISIBLE:
            raise errors.TargetNetworkNotFound(network=INVISIBLE)
        data = {
            'network_id': request.network_id,
            'mac': request.mac or 'fa:16:3e:00:00:01',
            'addresses': list(request.addresses) or ['192.0.2.10'],
        }
        port = self._ensure('port', owner, request.key, data)
        names = ('id', 'mac', 'addresses')
        return {name: port[name] for name in names} | {'warnings': []}

    def ensure_network(self, request, owner):
        self.folder.call('ensure_network', request.key)
        data = {'name': request.name, 'like': list(request.like)}
        return {'id': self._ensure('network', owner, request.key, data)['id']}

    def ensure_server(self, request, owner):
        self.folder.call('ensure_server', owner)
        data = {
            'name': request.name,
            'status': 'ACTIVE',
            'volume_ids': list(request.volume_ids),
            'port_ids': list(request.port_ids),
            'flavor_id': request.flavor_id,
            'metadata': request.metadata,
        }
        server = self._ensure('server', owner, 'server', data)
        return {'id': server['id'], 'status': server['status']}

    def server(self, server_id):
        self.folder.call('server', server_id)
        data = self.folder.get('cloud', 'server', server_id)
        return data and {
            'id': server_id,
            'status': data['status'],
            'fault': None,
            'host': 'fake-host',
        }

    def console(self, server_id, length=200):
        self.folder.call('console', server_id)
        name = self.folder.get('cloud', 'server', server_id)['name']
        said = self.folder.get('consoles', name)
        if said:
            return said['text']
        return f'Debian GNU/Linux 12 {name} ttyS0\n\n{name} login: '

    def stop_server(self, server_id):
        self.folder.call('stop_server', server_id)
        data = self.folder.get('cloud', 'server', server_id)
        if data:
            stopped = data | {'status': 'SHUTOFF'}
            self.folder.put(stopped, 'cloud', 'server', server_id)

    def remove(self, kind, *, resource_id, owner, key):
        self.folder.call(f'remove_{kind}', key)
        id = resource_id or self._id(kind, owner, key)
        if kind == 'volume':
            self.volume_path(id).unlink(missing_ok=True)
        self.folder.drop('cloud', kind, id)

    def volume_path(self, volume_id):
        """Return the path of the content of a volume."""
        return self.folder.root / 'volumes' / f'{volume_id}.img'

    def _ensure(self, kind, owner, key, data):
        id = self._id(kind, owner, key)
        known = self.folder.get('cloud', kind, id)
        if known:
            return known
        data = data | {
            'id': id,
            'owner': owner,
            'key': key,
            'project_id': self.project_id,
        }
        self.folder.put(data, 'cloud', kind, id)
        self.folder.call(f'create_{kind}', key)
        return data

    @staticmethod
    def _id(kind, owner, key):
        return str(uuid.uuid5(NAMESPACE, f'{kind}/{owner}/{key}'))
