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
"""What the lab's users have in the cloud, through the SDK."""

import pathlib

import openstack
from openstack import config

from migrate_client import service
from tests.lab import settings
from tests.lab.vcenter import control

SOURCE = 'lab-vcenter'
#: The networks of tenant-a, in the order in which NICs are mapped to them.
NETWORKS = ('net-a', 'net-a2')


def connect(user):
    """Return an SDK connection with a ``migration`` proxy."""
    clouds = config.OpenStackConfig(config_files=[str(settings.CLOUDS_YAML)])
    connection = openstack.connection.Connection(config=clouds.get_one(user))
    service.attach(connection)
    return connection


def vcenter_source(connection, name=SOURCE, **changes):
    """Find or register the lab's vCenter; return when it is verified.

    :param connection: of a manager of the project.
    :returns: the source, ``ready`` or in ``error``.
    """
    found = connection.migration.find_source(name)
    if not found:
        attributes = {
            'name': name,
            'driver': 'vsphere',
            'address': settings.HOST,
            'port': control.PORT,
            'username': control.USERNAME,
            'password': control.PASSWORD,
            'ca': pathlib.Path(control.CA).read_text(),
        }
        found = connection.migration.create_source(**attributes | changes)
    return settled(connection, found)


def settled(connection, source, seconds=90):
    """Return the source once a worker has verified it."""
    for _ in openstack.utils.iterate_timeout(
        seconds, f'the source {source.name} was not verified', wait=0.5
    ):
        source = connection.migration.get_source(source.id)
        if source.status != 'verifying':
            return source


def machine_networks(connection, source, machine):
    """Return the ``networks`` attribute that maps a machine's NICs."""
    names = dict.fromkeys(nic['network'] for nic in machine.nics)
    return [
        {
            'source': name,
            'network_id': connection.network.find_network(
                target, ignore_missing=False
            ).id,
        }
        for name, target in zip(names, NETWORKS, strict=False)
    ]


def remove_server(connection, server_id):
    """Delete a server and, after it, its volumes and ports."""
    server = connection.compute.find_server(server_id)
    if not server:
        return
    volumes = [volume['id'] for volume in server.attached_volumes]
    ports = list(connection.network.ports(device_id=server.id))
    connection.compute.delete_server(server)
    connection.compute.wait_for_delete(server, interval=1, wait=120)
    for port in ports:
        connection.network.delete_port(port, ignore_missing=True)
    for volume in volumes:
        connection.block_storage.delete_volume(volume, ignore_missing=True)
    for volume in volumes:
        found = connection.block_storage.find_volume(volume)
        if found:
            connection.block_storage.wait_for_delete(found, wait=120)
