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

"""Kernels, their initramfs and the names of disks in a Linux guest."""

import re

from migrate_service.convert import initrd
from migrate_service.convert import model

#: The drivers that boot a guest on virtio hardware.
VIRTIO = ('virtio_pci', 'virtio_blk', 'virtio_scsi', 'virtio_net')
INITRD_NAMES = (
    '/boot/initrd.img-{}',
    '/boot/initramfs-{}.img',
    '/boot/initrd-{}',
    '/boot/initrd-{}.img',
)
MAX_INITRD = 512 << 20
GRUB_CONFIGS = ('/boot/grub/grub.cfg', '/boot/grub2/grub.cfg')
GRUB_ENVIRONMENTS = ('/boot/grub/grubenv', '/boot/grub2/grubenv')
ENTRIES = '/boot/loader/entries'
COMMAND_LINES = ('/etc/default/grub', '/etc/kernel/cmdline')
#: Names that change with the disk controller.
NAMED = r'/dev/(?:[sh]d[a-z]+\d*|disk/by-(?:path|id)/\S+)'
#: Path patterns that tell who made an initramfs.
MAKERS = (
    ('dracut', re.compile(r'(usr/)?lib/dracut(/|$|-)')),
    ('initramfs-tools', re.compile(r'conf/initramfs\.conf$|scripts/local$')),
)


def kernels(guest, directory):
    """Return ``(kernels, problems)`` of a mounted guest.

    :param directory: private directory for one initramfs at a time.
    """
    versions = [
        version
        for version in guest.names('/lib/modules')
        if guest.is_file(f'/lib/modules/{version}/modules.dep')
        and (
            guest.is_file(f'/boot/vmlinuz-{version}')
            or _initrd(guest, version)
        )
    ]
    default = default_version(versions, *_boot_configuration(guest))
    found, problems = [], []
    for version in versions:
        kernel = _kernel(guest, version, version == default, directory)
        found.append(kernel)
        if kernel.initrd_problem:
            problems.append(
                f'{kernel.initrd} could not be read: {kernel.initrd_problem}.'
            )
    return tuple(found), problems


def _kernel(guest, version, default, directory):
    tree = f'/lib/modules/{version}'
    facts = {
        'version': version,
        'default': default,
        'modules': module_names(guest.text(f'{tree}/modules.dep')),
        'builtin': module_names(guest.text(f'{tree}/modules.builtin')),
        'initrd': _initrd(guest, version),
    }
    if facts['initrd']:
        facts['initrd_size'] = guest.handle.filesize(facts['initrd'])
        facts |= _read_initrd(guest, facts['initrd'], version, directory)
    return model.Kernel(**facts)


def _read_initrd(guest, path, version, directory):
    try:
        names = initrd_listing(guest, path, directory)
    except initrd.Unreadable as error:
        return {'initrd_kind': 'unreadable', 'initrd_problem': str(error)}
    tree = re.compile(rf'(usr/)?lib/modules/{re.escape(version)}/')
    modules = '\n'.join(name for name in names if tree.match(name))
    return {
        'initrd_kind': maker(names),
        'initrd_modules': module_names(modules),
    }


def initrd_listing(guest, path, directory):
    """Return ``{path: mode}`` of an initramfs of a mounted guest.

    :raises initrd.Unreadable: see there.
    """
    size = guest.handle.filesize(path)
    if size > MAX_INITRD:
        raise initrd.Unreadable(f'it is {size} bytes long')
    return initrd.listing(guest.fetch(path, directory))


def _initrd(guest, version):
    paths = (name.format(version) for name in INITRD_NAMES)
    return next(filter(guest.is_file, paths), None)


def module_names(text):
    """Return which of VIRTIO a list of module paths names.

    Of a line only the first path counts (modules.dep: ``path: needs``).
    """
    found = re.findall(r'^\S*?/?(\w[\w-]*)\.ko', text, re.MULTILINE)
    present = {name.replace('-', '_') for name in found}
    return tuple(name for name in VIRTIO if name in present)


def maker(names):
    """Return what made an initramfs: see ``model.Kernel.initrd_kind``."""
    for kind, pattern in MAKERS:
        if any(pattern.match(name) for name in names):
            return kind
    return 'other'


def _boot_configuration(guest):
    """Return the texts of GRUB's menu, its saved choice, its BLS entries."""
    menu = ''.join(map(guest.text, GRUB_CONFIGS))
    saved = ''.join(map(guest.text, GRUB_ENVIRONMENTS))
    entries = {
        name.removesuffix('.conf'): guest.text(f'{ENTRIES}/{name}')
        for name in guest.names(ENTRIES, '.conf')
    }
    return menu, saved, entries


def default_version(versions, menu, saved, entries):
    """Return the version of the kernel that the guest boots, or None.

    What GRUB saved wins, then the first kernel of its menu, then the newest
    entry (which is what GRUB's blscfg boots), then the newest kernel.
    """
    choice = re.search(r'^saved_entry=(.+)$', saved, re.MULTILINE)
    chosen = entries.get(choice.group(1), choice.group(1)) if choice else ''
    newest = [entries[name] for name in sorted(entries, key=_version_key)]
    for text in (chosen, menu, *reversed(newest)):
        found = [
            (position, version)
            for version in versions
            if (position := text.find(f'{version}')) >= 0
        ]
        if found:
            first = min(position for position, _ in found)
            return max((v for p, v in found if p == first), key=len)
    return max(versions, key=_version_key, default=None)


def _version_key(text):
    """Sort versions as people do: 6.1.0-10 after 6.1.0-9."""
    parts = re.findall(r'\d+|[a-z]+', text)
    return [
        (part.isdigit(), int(part) if part.isdigit() else part)
        for part in parts
    ]


def named_devices(guest):
    """Return the device names that a mounted guest needs unchanged."""
    menu, saved, entries = _boot_configuration(guest)
    lines = [menu, saved, *entries.values(), *map(guest.text, COMMAND_LINES)]
    found = devices_of_table(guest.text('/etc/fstab'), column=0)
    found |= devices_of_table(guest.text('/etc/crypttab'), column=1)
    found |= set(re.findall(rf'(?:root|resume)=({NAMED})', '\n'.join(lines)))
    return tuple(sorted(found))


def devices_of_table(text, column):
    """Return the named devices in a column of fstab(5) or crypttab(5)."""
    found = set()
    for line in text.splitlines():
        fields = line.partition('#')[0].split()
        if len(fields) > column and 'noauto' not in line:
            if re.fullmatch(NAMED, fields[column]):
                found.add(fields[column])
    return found
