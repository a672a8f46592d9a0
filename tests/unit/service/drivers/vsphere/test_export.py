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


from urllib import parse

import testtools

from migrate_service import inventory
from migrate_service.drivers import errors
from migrate_service.drivers.vsphere import export


def machine(**changes):
    values = {
        'key': '2000',
        'label': 'Hard disk 1',
        'size': 512,
        'datastore': 'datastore-1',
        'path': '[ds 1] vm/vm.vmdk',
    } | changes
    return inventory.Machine(
        key='vm-1',
        name='vm',
        power_state='off',
        disks=(inventory.Disk(**values),),
    )


class TestPath(testtools.TestCase):
    def test_flat_file_of_a_descriptor(self):
        for path, expected in (
            ('[ds] vm/vm.vmdk', ('ds', 'vm/vm-flat.vmdk')),
            ('[a b] x/y.vmdk.vmdk', ('a b', 'x/y.vmdk-flat.vmdk')),
            ('[ds (1)] v [2]/v.vmdk', ('ds (1)', 'v [2]/v-flat.vmdk')),
        ):
            self.assertEqual(expected, export.split_path(path))

    def test_no_disk(self):
        for path in ('vm/vm.vmdk', '[ds] vm/vm.iso', '[ds]', ''):
            self.assertRaises(ValueError, export.split_path, path)


class TestUrl(testtools.TestCase):
    def test_each_part_is_encoded_once(self):
        for path, encoded in (
            ('vm/vm-flat.vmdk', 'vm/vm-flat.vmdk'),
            ('wéb & shop+[x] #1/a.vmdk', None),
            ('a%2fb/100%.vmdk', 'a%252fb/100%25.vmdk'),
            ('q?x=1;y/a b.vmdk', 'q%3Fx%3D1%3By/a%20b.vmdk'),
        ):
            url = export.folder_url(
                'vc', path, datacenter='DC/ä & b', datastore='ds #1?+'
            )
            parts = parse.urlsplit(url)
            self.assertEqual('vc', parts.netloc)
            self.assertEqual('', parts.fragment)
            self.assertEqual('/folder/' + path, parse.unquote(parts.path))
            if encoded:
                self.assertEqual('/folder/' + encoded, parts.path)
            self.assertEqual(
                {'dcPath': ['DC/ä & b'], 'dsName': ['ds #1?+']},
                parse.parse_qs(parts.query),
            )


class TestMounts(testtools.TestCase):
    MOUNTS = {
        'vc.example.org/nfs': '/mnt/nfs',
        'vc.example.org/twin': '/mnt/twin',
        'nfs': '/mnt/anybody',
    }

    def mounts(self, address, *names):
        stores = [
            inventory.Datastore(key=str(number), name=name)
            for number, name in enumerate(names)
        ]
        return export.mounts_of(address, stores, self.MOUNTS)

    def test_of_this_server_only(self):
        self.assertEqual(
            {'nfs': '/mnt/nfs'}, self.mounts('VC.example.org', 'nfs', 'other')
        )
        for address in ('evil.example.org', '', 'vc.example.org.evil.test'):
            self.assertEqual({}, self.mounts(address, 'nfs'))

    def test_of_one_datastore_only(self):
        self.assertEqual({}, self.mounts('vc.example.org', 'twin', 'twin'))


class TestLookedAt(testtools.TestCase):
    def usable(self, kind='VMFS', mounts=(), vddk='no library', **changes):
        found = export.looked_at(
            machine(**changes), {'datastore-1': kind}, mounts, vddk
        )
        return [name for name, why in found.items() if why is None]

    def test_by_datastore(self):
        mounts = {'ds 1': '/m'}
        self.assertEqual(['https', 'nfc'], self.usable())
        self.assertEqual(['https', 'nfc'], self.usable(kind='NFS41'))
        self.assertEqual(['nfc'], self.usable(kind='vsan'))
        self.assertEqual(['file', 'https', 'nfc'], self.usable(mounts=mounts))
        self.assertEqual(
            ['file', 'vddk', 'nfc'],
            self.usable(kind='vsan', mounts=mounts, vddk=None),
        )

    def test_disks_that_none_reads(self):
        for changes in (
            {'has_parent': True},
            {'kind': 'rdm'},
            {'kind': 'sparse'},
            {'encrypted': True},
        ):
            found = export.looked_at(
                machine(**changes), {'datastore-1': 'VMFS'}, {'ds 1'}, None
            )
            self.assertNotIn(None, found.values())

    def test_reasons(self):
        found = export.looked_at(machine(), {'datastore-1': 'vsan'}, (), 'x')
        self.assertIn('not mounted', found['file'])
        self.assertIn('vsan', found['https'])
        self.assertEqual('x', found['vddk'])


class TestFile(testtools.TestCase):
    def test_path_out_of_the_datastore(self):
        for path in ('[ds 1] ../../etc/x.vmdk', '[ds 1] /etc/x.vmdk'):
            disk = machine(path=path).disks[0]
            self.assertRaises(
                errors.MachineDiskUnsupported,
                export.open_file,
                disk,
                mounts={'ds 1': '/m'},
                workdir='/nowhere',
            )
