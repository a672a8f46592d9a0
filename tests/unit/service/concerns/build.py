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
"""Facts to judge, made from what differs from a machine without faults."""

import dataclasses

from migrate_service import inventory
from migrate_service.concerns import facts

NET = '11111111-1111-4111-8111-111111111111'
SUBNET = '22222222-2222-4222-8222-222222222222'
GIB = 1024**3
DISK = inventory.Disk(
    key='2000',
    label='Hard disk 1',
    size=10 * GIB,
    datastore='datastore-1',
    path='[ds] web/web.vmdk',
    controller='ParaVirtualSCSIController',
    change_id='52 aa/1',
)
NIC = inventory.Nic(
    key='4000',
    label='Network adapter 1',
    mac='00:50:56:00:00:01',
    network='network-1',
    addresses=('192.0.2.10',),
)
MACHINE = inventory.Machine(
    key='vm-1',
    name='web',
    power_state='on',
    guest_id='debian12_64Guest',
    guest_family='linux',
    cpus=2,
    memory_mib=2048,
    tools='running',
    hardware_version='vmx-19',
    change_tracking=True,
    disks=(DISK,),
    nics=(NIC,),
)
OPTIONS = {
    'networks': [{'source': 'network-1', 'network_id': NET, 'subnet_id': None}]
}
SOURCE = facts.Source(
    networks={'network-1': 'VM Network', 'network-2': 'dvpg-db'},
    datastores={
        'datastore-1': {
            'key': 'datastore-1',
            'name': 'ds-fast',
            'kind': 'VMFS',
            'capacity': 1000 * GIB,
            'free': 500 * GIB,
        }
    },
    age=60,
)
NODE = facts.Node(possible=('https',), enabled=('https',), skew=0.2)
NETWORK = facts.Network(
    id=NET,
    name='tenant-net',
    subnets=(facts.Subnet(id=SUBNET, cidr='192.0.2.0/24', free=200),),
)
TARGET = facts.Target(
    flavors=(
        facts.Flavor(id='1', name='m1.small', vcpus=2, ram=2048),
        facts.Flavor(id='2', name='m1.large', vcpus=8, ram=16384),
        facts.Flavor(id='3', name='m1.gpu', vcpus=64, ram=2**20, plain=False),
    ),
    quotas={'gigabytes': (200, 0), 'instances': (10, 2)},
    networks={NET: NETWORK},
    security_groups=(('g1', 'default'), ('g2', 'web'), ('g3', 'web')),
    key_pairs=frozenset({'mine'}),
    zones=('nova', 'far'),
    volume_zones=('nova',),
    volume_types={'t1': 'ssd', 'ssd': 'ssd'},
    default_type='ssd',
    pools={'ceph': 1000.0},
)


def changed(thing, changes):
    return dataclasses.replace(thing, **changes)


def make(
    *, machine=(), disk=(), nic=(), source=(), node=(), target=(), **more
):
    """Return ``facts.Facts`` of the machine with these changes.

    ``network`` changes the network of the cloud, ``subnet`` its subnet;
    ``options`` are added to the mapping of the network.
    """
    machine = dict(machine)
    machine.setdefault('disks', (changed(DISK, dict(disk)),))
    machine.setdefault('nics', (changed(NIC, dict(nic)),))
    options = OPTIONS | more.pop('options', {})
    subnet = changed(NETWORK.subnets[0], more.pop('subnet', {}))
    network = {'subnets': (subnet,)} | more.pop('network', {})
    target = {'networks': {NET: changed(NETWORK, network)}} | dict(target)
    return facts.Facts(
        machine=changed(MACHINE, machine),
        options=options,
        source=changed(SOURCE, dict(source)),
        node=changed(NODE, dict(node)),
        target=changed(TARGET, target),
        **more,
    )


def share(**values):
    """Return what earlier machines took."""
    taken = facts.Share()
    for name, value in values.items():
        getattr(taken, name).update(value)
    return taken
