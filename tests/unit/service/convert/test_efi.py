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

from migrate_service.convert import efi
from migrate_service.convert import model

GRUB = ('/EFI/debian/grubx64.efi', '/EFI/BOOT/BOOTX64.EFI')
SHIM = (
    '/EFI/debian/SHIMX64.EFI',
    '/EFI/debian/GRUBX64.EFI',
    '/EFI/debian/mmx64.efi',
    '/EFI/debian/fbx64.efi',
    '/EFI/other/grubx64.efi',
)

#: loaders, fallback -> copies
TABLE = (
    ((GRUB[0],), False, [GRUB]),
    (GRUB, True, []),
    ((), False, []),
    (('/EFI/debian/fwupdx64.efi',), False, []),
    (
        SHIM,
        False,
        [
            (SHIM[0], efi.FALLBACK),
            (SHIM[1], '/EFI/BOOT/grubx64.efi'),
            (SHIM[2], '/EFI/BOOT/mmx64.efi'),
        ],
    ),
    (
        ('/EFI/Microsoft/Boot/bootmgfw.efi', SHIM[4]),
        False,
        [(SHIM[4], efi.FALLBACK)],
    ),
    (
        ('/EFI/other/shimx64.efi', GRUB[0]),
        False,
        [(GRUB[0], efi.FALLBACK)],
    ),
)


class FallbackTest(testtools.TestCase):
    def test_table(self):
        for loaders, fallback, expected in TABLE:
            esp = model.Esp(
                device='/dev/sda1', loaders=loaders, fallback=fallback
            )
            self.assertEqual(
                expected, efi.fallback_copies(esp, 'debian'), loaders
            )
