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


"""``drivers.base.Destination`` for a project of an OpenStack cloud."""

import functools

from migrate_service.drivers import base
from migrate_service.drivers.openstack import attachments
from migrate_service.drivers.openstack import brick
from migrate_service.drivers.openstack import choices
from migrate_service.drivers.openstack import cloud as clouds
from migrate_service.drivers.openstack import facts
from migrate_service.drivers.openstack import flavors
from migrate_service.drivers.openstack import networks
from migrate_service.drivers.openstack import ports
from migrate_service.drivers.openstack import quotas
from migrate_service.drivers.openstack import servers
from migrate_service.drivers.openstack import volumes


def open_destination(conf, *, trust_id, project_id):
    """Return the project as the user who made the trust.

    :raises DriverError: with code and remedy.
    """
    cloud = clouds.connect(conf, trust_id=trust_id, project_id=project_id)
    return OpenStackDestination(conf, cloud)


class OpenStackDestination(base.Destination):
    """One session with a cloud, as a user in a project.

    :param cloud: the :class:`~.cloud.Cloud`.
    """

    def __init__(self, conf, cloud):
        self._conf = conf
        self._cloud = cloud

    def close(self):
        self._cloud.close()

    @functools.cached_property
    def _node(self):
        return brick.Node(self._conf)

    def check(self, machine, options):
        cloud = self._cloud
        choices.check_networks(cloud, machine, options)
        choices.security_groups(cloud, options.get('security_groups') or [])
        if options.get('key_name'):
            choices.check_key_pair(cloud, options['key_name'])
        if options.get('availability_zone'):
            choices.check_zone(cloud, options['availability_zone'])
        wanted = [choices.volume_type_of(options, d) for d in machine.disks]
        names = choices.check_volume_types(cloud, wanted)
        flavor = flavors.pick(cloud, machine, options.get('flavor_id'))
        quotas.check(
            cloud,
            flavor=flavor,
            volumes=[
                (volumes.gibibytes(disk.size), names[name])
                for disk, name in zip(machine.disks, wanted, strict=True)
            ],
            ports=len(machine.nics),
        )
        return {
            'flavor_id': flavor.id,
            'flavor_name': flavor.name,
        }

    def facts(self, options):
        return facts.gather(self._cloud, options)

    def ensure_volume(self, request, owner):
        return volumes.ensure(self._cloud, request, owner)

    def extend_volume(self, volume_id, size):
        return volumes.extend(self._cloud, volume_id, size, self._node)

    def attach_volume(self, volume_id, *, owner, workdir):
        return attachments.attach(self._cloud, volume_id, node=self._node)

    def set_image_properties(self, volume_id, properties):
        volumes.set_image_properties(self._cloud, volume_id, properties)

    def ensure_port(self, request, owner):
        groups = request.security_groups
        if groups is not None:
            groups = tuple(choices.security_groups(self._cloud, groups))
        return ports.ensure(
            self._cloud, request, owner, security_groups=groups
        )

    def ensure_network(self, request, owner):
        return networks.ensure(self._cloud, request, owner)

    def ensure_server(self, request, owner):
        return servers.ensure(self._cloud, request, owner)

    def server(self, server_id):
        return servers.show(self._cloud, server_id)

    def console(self, server_id, length=200):
        return servers.console(self._cloud, server_id, length)

    def stop_server(self, server_id):
        servers.stop(self._cloud, server_id)

    def remove(self, kind, *, resource_id, owner, key):
        if kind == 'server':
            servers.remove(self._cloud, resource_id=resource_id, owner=owner)
        elif kind == 'port':
            ports.remove(
                self._cloud, resource_id=resource_id, owner=owner, key=key
            )
        elif kind == 'network':
            networks.remove(
                self._cloud, resource_id=resource_id, owner=owner, key=key
            )
        elif kind == 'volume':
            volumes.remove(
                self._cloud,
                resource_id=resource_id,
                owner=owner,
                key=key,
                node=self._node,
            )
        elif kind == 'attachment':
            self._release(owner, key)
        elif kind == 'trust':
            self._remove_trust(resource_id)
        else:
            raise ValueError(f'no resource of OpenStack: {kind}')

    def _release(self, owner, key):
        """Detach the volume of a disk from wherever we attached it."""
        with clouds.explained('Cinder', 'detaching a volume'):
            volume = volumes.find(self._cloud, owner, key)
            if volume:
                attachments.release(self._cloud, volume.id, self._node)

    def _remove_trust(self, trust_id):
        """Delete the trust by its own token: it ends what we may do."""
        with clouds.explained('Keystone', 'deleting the trust'):
            self._cloud.identity.delete_trust(trust_id, ignore_missing=True)
