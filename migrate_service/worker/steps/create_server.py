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


"""Boot the server from the volumes."""

import time

from migrate_service.drivers import base
from migrate_service.drivers.openstack import errors
from migrate_service.worker.steps import ends

#: Seconds between two looks at the server.
INTERVAL = 2.0


def run(work):
    """Ensure the server, and return when it is active.

    The machine must still be off: two of it would share names and addresses,
    and what the one at the source wrote since would be lost.
    """
    with work.open_source() as source:
        ends.check_off(work, source)
    with work.open_destination() as destination:
        work.ledger.intend('server', 'server', name=work.name)
        request = request_of(
            work, work.checkpoint['volumes'], work.checkpoint['ports']
        )
        server = destination.ensure_server(request, work.id)
        work.ledger.present('server', 'server', server['id'])
        work.checkpoint['server_id'] = server['id']
        work.result['server_id'] = server['id']
        wait(work, destination, server['id'])


def request_of(work, volumes, ports, name=None):
    """Return the ``ServerRequest`` of the machine.

    :param volumes: ``{disk key: {'id'}}``; ``ports`` likewise by NIC key.
    """
    machine = ends.machine_of(work)
    options = work.options
    return base.ServerRequest(
        name=name or work.name,
        flavor_id=work.checkpoint['flavor']['id'],
        volume_ids=tuple(volumes[disk.key]['id'] for disk in machine.disks),
        port_ids=tuple(ports[nic.key]['id'] for nic in machine.nics),
        key_name=options.get('key_name'),
        availability_zone=options.get('availability_zone'),
        metadata=dict(options.get('metadata') or {}),
    )


def wait(work, destination, server_id):
    """Return when the server is active.

    :raises TargetServerError: it is in error, or gone.
    :raises TargetTimeout: it took longer than ``server_timeout``.
    """
    timeout = work.conf.openstack.server_timeout
    deadline = time.monotonic() + timeout
    while True:
        server = destination.server(server_id)
        if server is None:
            raise errors.TargetServerError(
                server=server_id, reason='it was deleted.'
            )
        if server['status'] == 'ERROR':
            raise errors.TargetServerError(
                server=server_id,
                reason=server['fault'] or 'Nova gives no reason.',
            )
        if server['status'] == 'ACTIVE':
            return
        if time.monotonic() > deadline:
            raise errors.TargetTimeout(
                what=f'The server {server_id}',
                state='active',
                seconds=timeout,
            )
        work.sleep(INTERVAL)
