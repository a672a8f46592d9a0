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


import testtools
from pyVmomi import vim

from migrate_service.drivers.vsphere import machines
from migrate_service.drivers.vsphere import tree

Disk = vim.vm.device.VirtualDisk


def disk(key, controller, unit, backing=None, size=1024):
    return Disk(
        key=key,
        controllerKey=controller,
        unitNumber=unit,
        capacityInBytes=size,
        capacityInKB=size // 1024,
        backing=backing
        or Disk.FlatVer2BackingInfo(
            fileName=f'[ds] vm/{key}.vmdk',
            diskMode='persistent',
            datastore=vim.Datastore('datastore-1'),
        ),
    )


class Places:
    """A tree in which nothing is known."""

    def name(self, reference):
        return None

    path = cluster = opaque_network = name


class TestDisks(testtools.TestCase):
    def test_order_of_the_firmware(self):
        devices = [
            vim.vm.device.ParaVirtualSCSIController(key=1001, busNumber=1),
            disk(2016, 1001, 0),
            disk(2001, 1000, 1),
            vim.vm.device.VirtualLsiLogicController(key=1000, busNumber=0),
            disk(2000, 1000, 0),
        ]
        found = machines.disks(devices)
        self.assertEqual(['2000', '2001', '2016'], [d.key for d in found])
        self.assertEqual('VirtualLsiLogicController', found[0].controller)
        self.assertEqual('ParaVirtualSCSIController', found[2].controller)

    def test_boot_order_wins(self):
        boot = vim.vm.BootOptions(
            bootOrder=[
                vim.vm.BootOptions.BootableCdromDevice(),
                vim.vm.BootOptions.BootableDiskDevice(deviceKey=2001),
            ]
        )
        found = machines.disks(
            [disk(2000, 1000, 0), disk(2001, 1000, 1)], boot
        )
        self.assertEqual(['2001', '2000'], [d.key for d in found])

    def test_kinds(self):
        parent = Disk.FlatVer2BackingInfo(fileName='[ds] a.vmdk')
        for backing, expected in (
            (Disk.FlatVer2BackingInfo(fileName='x'), ('flat', False)),
            (
                Disk.FlatVer2BackingInfo(fileName='x', parent=parent),
                ('flat', True),
            ),
            (Disk.SeSparseBackingInfo(fileName='x'), ('sparse', False)),
            (
                Disk.RawDiskMappingVer1BackingInfo(fileName='x'),
                ('rdm', False),
            ),
        ):
            found = machines.disks([disk(1, 1, 0, backing)])[0]
            self.assertEqual(expected, (found.kind, found.has_parent))

    def test_encrypted(self):
        backing = Disk.FlatVer2BackingInfo(
            fileName='x',
            keyId=vim.encryption.CryptoKeyId(keyId='k'),
        )
        self.assertTrue(machines.disks([disk(1, 1, 0, backing)])[0].encrypted)


class TestNics(testtools.TestCase):
    def test_networks_and_addresses(self):
        card = vim.vm.device.VirtualVmxnet3(
            key=4000,
            macAddress='00:50:56:AA:BB:01',
            backing=vim.vm.device.VirtualEthernetCard.DistributedVirtualPortBackingInfo(
                port=vim.dvs.PortConnection(portgroupKey='dvportgroup-9')
            ),
            connectable=vim.vm.device.VirtualDevice.ConnectInfo(
                startConnected=True
            ),
        )
        reported = vim.vm.GuestInfo.NicInfo(
            deviceConfigId=4000,
            ipAddress=['192.0.2.4', 'fe80::1', '2001:db8::4'],
        )
        nic = machines.nics([card], [reported], Places())[0]
        self.assertEqual('dvportgroup-9', nic.network)
        self.assertEqual('vmxnet3', nic.model)
        self.assertEqual('00:50:56:aa:bb:01', nic.mac)
        self.assertEqual(('192.0.2.4', '2001:db8::4'), nic.addresses)
        self.assertTrue(nic.connected)


class TestMachine(testtools.TestCase):
    def test_absent_properties(self):
        """A machine that is not connected has next to no properties."""
        found = machines.machine(
            vim.VirtualMachine('vm-1'),
            {'name': 'a%2fb', 'runtime.connectionState': 'inaccessible'},
            Places(),
        )
        self.assertEqual('a/b', found.name)
        self.assertEqual('inaccessible', found.connection_state)
        self.assertEqual(found, type(found).from_dict(found.to_dict()))

    def test_families(self):
        for reported, guest_id, family in (
            ('linuxGuest', 'otherGuest', 'linux'),
            (None, 'debian12_64Guest', 'linux'),
            (None, 'other5xLinux64Guest', 'linux'),
            (None, 'windows2019srvNext_64Guest', 'windows'),
            (None, 'winNetEnterpriseGuest', 'windows'),
            ('otherGuestFamily', 'freebsd13_64Guest', 'other'),
            (None, None, 'other'),
        ):
            self.assertEqual(
                family, machines.guest_family(reported, guest_id), guest_id
            )

    def test_names_of_vsphere(self):
        self.assertEqual('a/b\\c%', tree.plain_name('a%2fb%5Cc%25'))
        self.assertEqual('100%41', tree.plain_name('100%41'))
