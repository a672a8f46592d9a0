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

"""The EFI system partition: find its loaders, ensure the fallback one.

A VMware guest boots through an entry in its NVRAM, which does not move with
it. Fresh firmware looks for \\EFI\\BOOT\\BOOTX64.EFI only (UEFI 2.10, section
3.5.1.1).
"""

import re

from migrate_service.convert import model

TYPE = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
MBR_TYPE = 0xEF
FALLBACK = '/EFI/BOOT/BOOTX64.EFI'
#: Loaders, best first. A shim starts the grubx64.efi beside it.
LOADERS = (
    'shimx64.efi',
    'grubx64.efi',
    'systemd-bootx64.efi',
    'bootmgfw.efi',
    'elilo.efi',
    'grub.efi',
)
#: What a shim needs in its own folder, if the guest has it.
COMPANIONS = ('grubx64.efi', 'mmx64.efi')


def find(handle):
    """Return ``model.Esp`` of the first ESP with loaders, or None.

    Nothing may be mounted; nothing is mounted afterwards.
    """
    found = []
    for device in handle.list_partitions():
        if _is_esp(handle, device):
            found.append(_read(handle, device))
    found.sort(key=lambda esp: not esp.loaders)
    return found[0] if found else None


def _is_esp(handle, device):
    disk = handle.part_to_dev(device)
    number = handle.part_to_partnum(device)
    if handle.part_get_parttype(disk) == 'gpt':
        return handle.part_get_gpt_type(disk, number) == TYPE
    return handle.part_get_mbr_id(disk, number) == MBR_TYPE


def _read(handle, device):
    try:
        handle.mount_ro(device, '/')
    except RuntimeError:
        return model.Esp(device=device)
    try:
        paths = ['/' + path for path in handle.find('/')]
    finally:
        handle.umount_all()
    loaders = tuple(path for path in paths if path.lower().endswith('.efi'))
    fallback = any(path.upper() == FALLBACK for path in loaders)
    return model.Esp(device=device, loaders=loaders, fallback=fallback)


def fallback_copies(esp, distro):
    """Return ``[(from, to)]`` that give an ESP its fallback loader; pure.

    Empty when it has one, or when it has no loader that is known.
    """
    if esp.fallback:
        return []
    source = _best_loader(esp.loaders, distro)
    if source is None:
        return []
    copies = [(source, FALLBACK)]
    if source.lower().endswith('shimx64.efi'):
        folder = source.rpartition('/')[0].lower()
        for path in esp.loaders:
            parent, _, name = path.lower().rpartition('/')
            if parent == folder and name in COMPANIONS:
                copies.append((path, f'/EFI/BOOT/{name}'))
    return copies


def _best_loader(loaders, distro):
    def rank(path):
        folder, _, name = path.lower().rpartition('/')
        return folder != f'/efi/{distro}', LOADERS.index(name)

    known = [p for p in loaders if p.lower().rpartition('/')[2] in LOADERS]
    return min(known, key=rank, default=None)


def ensure_fallback(handle, esp, distro):
    """Copy the loader that boots the guest to the fallback path.

    Nothing may be mounted; nothing is mounted afterwards. Of several copies
    the fallback itself comes last, so that a half done one is done again.

    :returns: sentences about what was changed.
    """
    copies = fallback_copies(_read(handle, esp.device), distro)
    if not copies:
        return []
    handle.mount(esp.device, '/')
    try:
        handle.mkdir_p('/EFI/BOOT')
        for source, target in reversed(copies):
            handle.cp(source, target + '.new')
            handle.rename(target + '.new', target)
    finally:
        handle.umount_all()
    loader = re.sub('/', r'\\', copies[0][0])
    return [f'{loader} was copied to \\EFI\\BOOT\\BOOTX64.EFI.']
