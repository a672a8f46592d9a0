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


"""Make the volumes and ports, each noted in the ledger before it is made."""

from migrate_service import inventory
from migrate_service import mapping
from migrate_service.drivers import base

#: Cinder's and Neutron's limit for names.
NAME_LIMIT = 255


def run(work):
    """Ensure a volume for each disk and a port for each NIC."""
    machine = inventory.Machine.from_dict(work.checkpoint['machine'])
    with work.open_destination() as destination:
        volumes(work, destination, machine)
        for index, nic in enumerate(machine.nics):
            work.check()
            _reserve_port(work, destination, nic, index)
    work.result['port_ids'] = [
        work.checkpoint['ports'][nic.key]['id'] for nic in machine.nics
    ]


def volumes(work, destination, machine):
    """Ensure a volume for each disk of the machine."""
    for index, disk in enumerate(machine.disks):
        work.check()
        _reserve_volume(work, destination, disk, index)
    tell_volumes(work, machine)


def tell_volumes(work, machine):
    """Put the volumes of the machine's disks into the result."""
    work.result['volume_ids'] = [
        work.checkpoint['volumes'][disk.key]['id'] for disk in machine.disks
    ]


def _reserve_volume(work, destination, disk, index):
    request = base.VolumeRequest(
        key=disk.key,
        name=_name(work, f'disk-{index}'),
        size=disk.size,
        volume_type=_volume_type(work.options, disk),
        bootable=index == 0,
    )
    work.ledger.intend('volume', disk.key, name=request.name)
    volume = destination.ensure_volume(request, work.id)
    work.ledger.present('volume', disk.key, volume['id'])
    work.checkpoint['volumes'][disk.key] = volume


def _reserve_port(work, destination, nic, index):
    request = port_request(work, nic, index)
    work.ledger.intend('port', nic.key, name=request.name)
    port = destination.ensure_port(request, work.id)
    work.ledger.present('port', nic.key, port['id'])
    work.warnings += port.pop('warnings')
    work.checkpoint['ports'][nic.key] = port


def port_request(work, nic, index):
    """Return the ``PortRequest`` of a NIC, as the user chose."""
    options = work.options
    chosen = {entry['source']: entry for entry in options['networks']}
    chosen = chosen[nic.network]
    groups = options.get('security_groups')
    return base.PortRequest(
        key=nic.key,
        name=_name(work, f'nic-{index}'),
        network_id=chosen['network_id'],
        subnet_id=chosen.get('subnet_id'),
        mac=nic.mac if mapping.kept(options, chosen, 'keep_mac') else None,
        addresses=(
            nic.addresses if mapping.kept(options, chosen, 'keep_ip') else ()
        ),
        security_groups=tuple(groups) if groups else None,
    )


def _volume_type(options, disk):
    for entry in options.get('volume_types') or []:
        if entry['datastore'] == disk.datastore:
            return entry['volume_type']
    return options.get('volume_type')


def _name(work, suffix):
    return f'{work.name[: NAME_LIMIT - len(suffix) - 1]}-{suffix}'
