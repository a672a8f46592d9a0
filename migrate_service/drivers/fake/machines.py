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

"""Makes machines in the folder of the fake source."""

import os
import random

from migrate_service import inventory

MIB = 1024**2


def add(folder, name, *, sizes=(MIB,), nics=1, power_state='on', **values):
    """Make a machine with disks of these sizes in bytes; return it.

    The first half of each disk holds bytes that are the same whenever a
    machine of this name is made, the second half is a hole.
    """
    key = f'vm-{name}'
    machine = inventory.Machine(
        key=key,
        name=name,
        power_state=power_state,
        folder=values.pop('folder', '/fake/vm'),
        cluster='cluster-1',
        guest_family='linux',
        guest_name='Debian GNU/Linux 12 (64-bit)',
        tools='running',
        disks=tuple(
            _disk(folder, key, index, size) for index, size in enumerate(sizes)
        ),
        nics=tuple(_nic(key, index) for index in range(nics)),
        **values,
    )
    folder.put(machine.to_dict(), 'machines', key)
    return machine


def content(folder, machine, disk):
    """Return the path of the content of a disk."""
    return folder.root / 'disks' / f'{machine.key}-{disk.key}.img'


def _disk(folder, key, index, size):
    disk = inventory.Disk(
        key=str(2000 + index),
        label=f'Hard disk {index + 1}',
        size=size,
        datastore='datastore-1',
        path=f'[ds1] {key}/{key}-{index}.vmdk',
        controller='scsi0',
        unit=index,
    )
    path = folder.root / 'disks' / f'{key}-{disk.key}.img'
    source = random.Random(f'{key}/{index}')  # noqa: S311
    with open(path, 'wb') as file:
        for _number in range(size // 2 // MIB):
            file.write(source.randbytes(MIB))
        file.write(source.randbytes(size // 2 % MIB))
        os.truncate(file.fileno(), size)
    return disk


def _nic(key, index):
    tail = random.Random(f'{key}/{index}').randbytes(2)  # noqa: S311
    return inventory.Nic(
        key=str(4000 + index),
        label=f'Network adapter {index + 1}',
        mac=f'00:50:56:00:{tail[0]:02x}:{tail[1]:02x}',
        network='network-1',
        model='vmxnet3',
        addresses=(f'192.0.2.{10 + index}',),
    )
