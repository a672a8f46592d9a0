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

import stat

import testtools

from migrate_service.convert import errors
from migrate_service.convert import minimal

VERSION = '6.1'
TREE = f'/lib/modules/{VERSION}'
BLK = 'kernel/drivers/block/virtio_blk.ko.xz'
PCI = 'kernel/drivers/virtio/virtio_pci.ko.xz'
RING = 'kernel/drivers/virtio/virtio_ring.ko.xz'
SCSI = 'kernel/drivers/scsi/virtio-scsi.ko.xz'
OTHER = 'kernel/drivers/net/e1000.ko.xz'
DEPENDENCIES = f"""{BLK}: {RING}
{PCI}: {RING}
{RING}:
{SCSI}: {RING}
{OTHER}:
"""
DIRECTORY, LINK, FILE = (
    kind | 0o755 for kind in (stat.S_IFDIR, stat.S_IFLNK, stat.S_IFREG)
)


class FakeGuest:
    """Answers as ``guest.Guest`` does, from a dict of files."""

    def __init__(self):
        self.files = {
            f'{TREE}/{path}': path.encode()
            for path in (BLK, PCI, RING, SCSI, OTHER)
        }
        self.files[f'{TREE}/modules.dep'] = DEPENDENCIES.encode()
        self.files[f'{TREE}/modules.alias'] = b'alias'

    def bytes(self, path, limit=None):
        return self.files[path]

    def text(self, path):
        return self.files[path].decode()

    def names(self, path):
        return sorted(
            {
                name.removeprefix(path + '/').partition('/')[0]
                for name in self.files
                if name.startswith(path + '/')
            }
        )


class OverlayTest(testtools.TestCase):
    def overlay(self, names):
        return dict(minimal.overlay(FakeGuest(), VERSION, names))

    def test_adds_the_drivers_and_what_they_need(self):
        files = self.overlay({'usr': DIRECTORY, 'lib': LINK})
        base = f'usr/lib/modules/{VERSION}'
        for path in (BLK, PCI, RING, SCSI):
            self.assertEqual(path.encode(), files[f'{base}/{path}'])
        self.assertNotIn(f'{base}/{OTHER}', files)
        self.assertEqual(b'alias', files[f'{base}/modules.alias'])

    def test_never_replaces_a_link_by_a_folder(self):
        files = self.overlay({'usr': DIRECTORY, 'lib': LINK})
        self.assertNotIn('lib', files)
        self.assertNotIn('usr', files)
        self.assertIsNone(files['usr/lib'])

    def test_uses_the_folder_that_is_there(self):
        names = {'lib': DIRECTORY, f'lib/modules/{VERSION}': DIRECTORY}
        self.assertIn(f'lib/modules/{VERSION}/{BLK}', self.overlay(names))

    def test_parents_come_before_their_files(self):
        seen = set()
        for path, _ in minimal.overlay(FakeGuest(), VERSION, {}):
            parent = path.rpartition('/')[0]
            self.assertTrue(not parent or parent in seen, path)
            seen.add(path)

    def test_adds_nothing_to_what_is_complete(self):
        names = {
            f'lib/modules/{VERSION}/{path}': FILE
            for path in (BLK, PCI, RING, SCSI)
        }
        names[f'lib/modules/{VERSION}'] = DIRECTORY
        self.assertEqual({}, self.overlay(names))

    def test_lvm_forgets_the_ids_of_the_old_disks(self):
        files = self.overlay({minimal.DEVICES_FILE: FILE, 'etc': DIRECTORY})
        text = files['etc/lvm/lvmlocal.conf']
        self.assertIn(b'use_devicesfile = 0', text)

    def test_refuses_a_driver_that_is_listed_but_missing(self):
        guest = FakeGuest()
        guest.files[f'{TREE}/{RING}'] = b''
        error = self.assertRaises(
            errors.ConversionFailed, minimal.overlay, guest, VERSION, {}
        )
        self.assertIn('virtio_ring.ko.xz is missing', str(error))

    def test_dependencies_in_a_circle_end(self):
        self.assertEqual(
            ['a/virtio_blk.ko', 'b.ko'],
            minimal.closure(
                {'a/virtio_blk.ko': ['b.ko'], 'b.ko': ['a/virtio_blk.ko']},
                ['virtio_blk', 'virtio_pci'],
            ),
        )
