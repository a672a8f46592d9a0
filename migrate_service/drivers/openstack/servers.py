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


"""Servers: booted from the volumes, watched, stopped, deleted."""

from migrate_service.drivers.openstack import cloud as clouds

#: Metadata that tells users and operators where a server came from.
OWNER = 'migration_id'


def tag(owner):
    """Return the tag by which a server is found again."""
    return f'migration-{owner}'


def ensure(cloud, request, owner):
    """Find or ask for the server; see ``drivers.base.Destination``.

    A server of ours that is in error is deleted first: trying again is what
    the caller wants.
    """
    with clouds.explained('Nova', 'making a server'):
        found = find(cloud, owner)
        if found and found.status == 'ERROR':
            _delete(cloud, found.id)
            found = None
        if found is None:
            answer = cloud.servers.post(
                '/servers',
                json={'server': body(request, owner)},
                microversion='2.72',
            )
            created = clouds.checked(answer).json()['server']
            found = cloud.servers.get_server(created['id'])
    return {'id': found.id, 'status': found.status}


def body(request, owner):
    """Return the request of Nova for a server.

    Disks boot in their order; none is deleted together with the server.
    """
    server = {
        'name': request.name,
        'flavorRef': request.flavor_id,
        'networks': [{'port': port} for port in request.port_ids] or 'none',
        'block_device_mapping_v2': [
            {
                'boot_index': index,
                'uuid': volume,
                'source_type': 'volume',
                'destination_type': 'volume',
                'delete_on_termination': False,
            }
            for index, volume in enumerate(request.volume_ids)
        ],
        'metadata': request.metadata | {OWNER: owner},
        'tags': [tag(owner)],
        'config_drive': False,
    }
    if request.key_name:
        server['key_name'] = request.key_name
    if request.availability_zone:
        server['availability_zone'] = request.availability_zone
    return server


def find(cloud, owner):
    """Return the server that carries the owner, or None."""
    for server in cloud.servers.servers(tags=tag(owner)):
        if (server.metadata or {}).get(OWNER) == owner:
            return server
    return None


def show(cloud, server_id):
    """Return ``{'id', 'status', 'fault', 'host'}``, or None."""
    with clouds.explained('Nova', 'reading a server'):
        answer = cloud.servers.get(
            f'/servers/{server_id}', microversion='2.72'
        )
        if answer.status_code == 404:
            return None
        found = clouds.checked(answer).json()['server']
    return {
        'id': found['id'],
        'status': found['status'],
        'fault': (found.get('fault') or {}).get('message'),
        'host': found.get('OS-EXT-SRV-ATTR:host'),
    }


def console(cloud, server_id, length):
    """Return the last lines of the console; empty before there is one."""
    with clouds.explained('Nova', 'reading the console'):
        answer = cloud.servers.post(
            f'/servers/{server_id}/action',
            json={'os-getConsoleOutput': {'length': length}},
            microversion='2.72',
        )
        if answer.status_code in (404, 409):
            return ''
        return clouds.checked(answer).json()['output'] or ''


def stop(cloud, server_id):
    """Stop a server that runs, and return when it is stopped."""
    found = show(cloud, server_id)
    if found is None or found['status'] != 'ACTIVE':
        return
    with clouds.explained('Nova', 'stopping a server'):
        answer = cloud.servers.post(
            f'/servers/{server_id}/action', json={'os-stop': None}
        )
        if answer.status_code not in (404, 409):
            clouds.checked(answer)
    cloud.wait(
        f'The server {server_id}',
        'stopped',
        lambda: _stopped(show(cloud, server_id)),
        timeout=cloud.options.server_timeout,
    )


def remove(cloud, *, resource_id, owner):
    """Delete the server; nothing left is fine."""
    with clouds.explained('Nova', 'deleting a server'):
        if resource_id is None:
            found = find(cloud, owner)
            resource_id = found.id if found else None
        if resource_id:
            _delete(cloud, resource_id)


def _stopped(found):
    return found is None or found['status'] in ('SHUTOFF', 'ERROR')


def _delete(cloud, server_id):
    cloud.servers.delete_server(server_id, ignore_missing=True)
    cloud.wait(
        f'The server {server_id}',
        'deleted',
        lambda: show(cloud, server_id) is None,
        timeout=cloud.options.server_timeout,
    )
