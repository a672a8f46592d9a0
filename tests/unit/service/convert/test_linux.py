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

from migrate_service.convert import linux

OLD, NEW = '6.1.0-9-amd64', '6.1.0-10-amd64'
MENU = f"""
menuentry 'Debian' --class os {{
    linux /boot/vmlinuz-{NEW} root=UUID=1 ro
    initrd /boot/initrd.img-{NEW}
}}
menuentry 'old' {{
    linux /boot/vmlinuz-{OLD} root=UUID=1 ro
}}
"""
ENTRIES = {
    f'id-{OLD}': f'title x\nlinux /vmlinuz-{OLD}\n',
    f'id-{NEW}': f'title x\nlinux /vmlinuz-{NEW}\n',
}
FSTAB = """
# /dev/sdz1 / ext4
UUID=1 / ext4 defaults 0 1
/dev/sda1 /boot ext4 defaults 0 2
/dev/disk/by-id/scsi-3600-part1 /srv xfs defaults 0 0
/dev/mapper/vg-x /x ext4 defaults 0 0
/dev/sdb1 /media ext4 noauto 0 0
/dev/sr0 /media/cdrom0 udf,iso9660 user 0 0
"""


class DefaultKernelTest(testtools.TestCase):
    def check(self, expected, menu='', saved='', entries=None):
        found = linux.default_version([OLD, NEW], menu, saved, entries or {})
        self.assertEqual(expected, found)

    def test_the_first_of_the_menu(self):
        self.check(NEW, MENU)
        self.check(OLD, MENU.replace(NEW, 'gone'))

    def test_what_was_saved(self):
        self.check(OLD, MENU, f'saved_entry=id-{OLD}\n', ENTRIES)
        self.check(OLD, MENU, f'saved_entry=x>gnulinux-{OLD}-advanced\n')
        self.check(NEW, MENU, 'saved_entry=0\n')

    def test_the_newest(self):
        self.check(NEW, entries=ENTRIES)
        self.check(NEW)
        self.assertIsNone(linux.default_version([], MENU, '', {}))

    def test_a_version_that_begins_another(self):
        found = linux.default_version(
            ['5.4.0', '5.4.0-rt'], 'linux /vmlinuz-5.4.0-rt', '', {}
        )
        self.assertEqual('5.4.0-rt', found)


class NamesTest(testtools.TestCase):
    def test_devices_of_fstab(self):
        self.assertEqual(
            {'/dev/sda1', '/dev/disk/by-id/scsi-3600-part1'},
            linux.devices_of_table(FSTAB, column=0),
        )

    def test_modules_of_dependencies_and_of_built_in(self):
        text = (
            'kernel/drivers/block/virtio_blk.ko.xz: kernel/x/virtio_net.ko\n'
            'kernel/drivers/virtio/virtio-pci.ko.zst\n'
            'kernel/my_virtio_scsi.ko:\n'
        )
        self.assertEqual(
            ('virtio_pci', 'virtio_blk'), linux.module_names(text)
        )

    def test_who_made_an_initramfs(self):
        for expected, name in (
            ('dracut', 'usr/lib/dracut/hooks'),
            ('dracut', 'lib/dracut-lib.sh'),
            ('initramfs-tools', 'scripts/local'),
            ('other', 'hooks/udev'),
        ):
            self.assertEqual(expected, linux.maker({name: 0}))
