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

"""Real guests through the appliance, and booted afterwards."""

import os
import shutil
import subprocess
import tempfile
import unittest

from migrate_service.convert import conversion
from migrate_service.convert import inspection
from migrate_service.convert import model
from tests.lab import appliance
from tests.lab import boot
from tests.lab import settings

MACS = ('00:50:56:aa:bb:01', '00:50:56:aa:bb:02')


class Stop(Exception):
    pass


class ConvertTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=settings.LAB)
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.workdir = os.path.join(self.folder, 'work')
        os.mkdir(self.workdir, 0o700)
        self.runtime = {
            'workdir': self.workdir,
            'log': os.path.join(self.folder, 'log'),
            'check': lambda: None,
            'env': appliance.environment(),
        }

    def copies(self, *names):
        """Copy guests' disks from the cache; return their paths."""
        paths = []
        for name in names:
            source = settings.CACHE / 'guests' / name
            paths.append(os.path.join(self.folder, name))
            command = ['cp', '--sparse=always', source, paths[-1]]
            subprocess.run(command, check=True)
        return paths

    def convert(self, paths, *, macs, firmware='bios'):
        """Convert twice, knowing the guest then; return both conversions."""
        disks = [model.Disk(path, 'raw') for path in paths]
        made, known = [], None
        for _ in range(2):
            done, known = conversion.convert(
                disks,
                known=known,
                macs=macs,
                firmware=firmware,
                **self.runtime,
            )
            made.append(done)
        return made

    def boot(self, paths, macs, firmware='bios'):
        log = os.path.join(self.folder, 'console')
        result = boot.boot(paths, log=log, macs=macs, firmware=firmware)
        self.assertTrue(result.good, result.text[-2000:])
        return result.line

    def test_bios_guest_boots_on_virtio_and_a_second_time_is_no_change(self):
        paths = self.copies('web-bios-0.raw', 'web-bios-1.raw')
        first, second = self.convert(paths, macs=MACS)
        self.assertEqual(model.MINIMAL, first.kind)
        self.assertEqual(4, len(first.changes), first.changes)
        self.assertEqual((), second.changes)
        line = self.boot(paths, MACS)
        for part in (
            'root=/dev/vda2',
            f'ens192=up:10.0.2.15/24:{MACS[0]}',
            f'ens224=up:192.168.50.21/24:{MACS[1]}',
            'failed=0',
        ):
            self.assertIn(part, line)
        self.assertEqual([], os.listdir(self.workdir))

    def test_efi_guest_boots_with_fresh_firmware(self):
        paths = self.copies('web-uefi-0.raw')
        first, second = self.convert(paths, macs=MACS[:1], firmware='efi')
        self.assertIn('BOOTX64.EFI', first.changes[0])
        self.assertEqual((), second.changes)
        line = self.boot(paths, MACS[:1], firmware='efi')
        self.assertIn(f'ens192=up:10.0.2.15/24:{MACS[0]}', line)
        self.assertIn('failed=0', line)

    def test_data_disks_are_left_alone(self):
        path = os.path.join(self.folder, 'data.qcow2')
        command = ['qemu-img', 'create', '-q', '-f', 'qcow2', path, '64M']
        subprocess.run(command, check=True)
        shutil.copyfile(path, path + '.before')
        disks = [model.Disk(path, 'qcow2')]
        made, found = conversion.convert(
            disks, macs=MACS, firmware='bios', **self.runtime
        )
        self.assertEqual(model.EMPTY, found.outcome)
        self.assertIn('no operating system was found', made.warnings[0])
        with open(path, 'rb') as now, open(path + '.before', 'rb') as before:
            self.assertEqual(before.read(), now.read())

    def test_a_kill_ends_the_appliance_and_leaves_nothing(self):
        paths = self.copies('web-uefi-0.raw')
        seen = set()

        def check():
            processes = _processes_with(self.workdir)
            sockets = {
                part.split('/')[2]
                for words in processes
                for part in words.replace('=', ' ').replace(',', ' ').split()
                if part.startswith('/tmp/libguestfs')
            }
            if sockets:
                seen.update(sockets)
                raise Stop

        disks = [model.Disk(paths[0], 'raw')]
        with self.assertRaises(Stop):
            inspection.inspect(disks, **self.runtime | {'check': check})
        self.assertTrue(seen)
        self.assertEqual([], _processes_with(self.workdir))
        self.assertEqual(set(), seen & set(os.listdir('/tmp')))
        self.assertEqual([], os.listdir(self.workdir))


def _processes_with(word):
    """Return the argument lists of running processes with ``word``."""
    found = []
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/cmdline', 'rb') as stream:
                words = stream.read().replace(b'\0', b' ').decode()
        except OSError:
            continue
        if word in words:
            found.append(words)
    return found


if __name__ == '__main__':
    unittest.main()
