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

"""Make a Linux guest boot on virtio without running any of its code.

The drivers of the guest's own kernel are appended to its initramfs as one
more cpio archive; the kernel unpacks archives in a row, and later files win.
udev in the initramfs then loads them by their aliases, in initramfs-tools and
in dracut alike.
"""

import os
import stat

from migrate_service.convert import cpio
from migrate_service.convert import errors
from migrate_service.convert import initrd
from migrate_service.convert import linux

#: What the initramfs must have, as modules or built in.
DISK_DRIVERS = ('virtio_pci', 'virtio_blk', 'virtio_scsi', 'sd_mod')
BACKUP = '.pre-migration'
#: An archive must begin at a multiple of 4. Zeros before it also tell the
#: kernel's lz4 decoder that the previous archive has ended.
ALIGNMENT = 512
TOOLS_FILE = '/etc/initramfs-tools/modules'
DRACUT_FILE = '/etc/dracut.conf.d/50-migration-virtio.conf'
DEVICES_FILE = 'etc/lvm/devices/system.devices'
NO_DEVICES_FILE = b'devices {\n\tuse_devicesfile = 0\n}\n'


def apply(guest, kernels, directory):
    """Extend the initramfs of each kernel that lacks drivers; idempotent.

    :param guest: ``guest.Guest``, mounted for writing.
    :param kernels: list of ``model.Kernel`` to make ready.
    :param directory: private directory for one initramfs at a time.
    :returns: sentences about what was changed.
    :raises NoSpace: the initramfs does not fit its file system twice.
    """
    changes = []
    for kernel in kernels:
        changes += _extend(guest, kernel, directory)
    kinds = {kernel.initrd_kind for kernel in kernels}
    if 'initramfs-tools' in kinds:
        changes += _remember_in_initramfs_tools(guest)
    if 'dracut' in kinds:
        changes += _remember_in_dracut(guest)
    return changes


def _extend(guest, kernel, directory):
    try:
        names = linux.initrd_listing(guest, kernel.initrd, directory)
    except initrd.Unreadable as error:
        reason = f'{kernel.initrd}: {error}'
        raise errors.ConversionFailed(reason=reason) from error
    files = overlay(guest, kernel.version, names)
    if not files:
        return []
    image = os.path.join(directory, 'fetched')
    with open(image, 'ab') as stream:
        stream.write(b'\0' * (ALIGNMENT + -stream.tell() % ALIGNMENT))
        stream.write(cpio.archive(files))
    _replace(guest, kernel.initrd, image)
    count = sum(path.rpartition('/')[2].count('.ko') for path, _ in files)
    return [f'{count} driver modules were added to {kernel.initrd}.']


def overlay(guest, version, names):
    """Return the files that an initramfs lacks, for ``cpio.archive``.

    :param names: ``{path: mode}`` of the initramfs as it is.
    """
    tree = f'/lib/modules/{version}'
    needs = parse_dependencies(guest.text(f'{tree}/modules.dep'))
    prefix = module_folder(names, version)
    present = {path.removeprefix(prefix + '/') for path in names}
    missing = [
        path for path in closure(needs, DISK_DRIVERS) if path not in present
    ]
    files = {}
    if DEVICES_FILE in names and 'etc/lvm/lvmlocal.conf' not in names:
        files['etc/lvm/lvmlocal.conf'] = NO_DEVICES_FILE
    for path in missing:
        files[f'{prefix}/{path}'] = _module(guest, f'{tree}/{path}')
    if missing:
        for name in guest.names(tree):
            if name.startswith('modules.'):
                files[f'{prefix}/{name}'] = guest.bytes(
                    f'{tree}/{name}', 64 << 20
                )
    return with_parents(files, names)


def _module(guest, path):
    content = guest.bytes(path)
    if not content:
        raise errors.ConversionFailed(reason=f'{path} is missing or too large')
    return content


def parse_dependencies(text):
    """Return ``{module path: [paths it needs]}`` of modules.dep(5)."""
    lines = (line.partition(':') for line in text.splitlines())
    return {path: needed.split() for path, _, needed in lines if path}


def closure(needs, drivers):
    """Return the sorted paths of drivers and of all that they need.

    Drivers that are built into the kernel are no modules: left out.
    """
    by_name = {
        path.rpartition('/')[2].partition('.ko')[0].replace('-', '_'): path
        for path in needs
    }
    todo = [by_name[driver] for driver in drivers if driver in by_name]
    found = set()
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += needs.get(path, [])
    return sorted(found)


def module_folder(names, version):
    """Return where modules are in an initramfs: lib or usr/lib.

    A directory entry ``lib`` would make the kernel remove a symbolic link
    of that name, so what is there decides.
    """
    for folder in ('usr/lib/modules', 'lib/modules'):
        if f'{folder}/{version}' in names:
            return f'{folder}/{version}'
    link = stat.S_ISLNK(names.get('lib', 0))
    return f'{"usr/" if link else ""}lib/modules/{version}'


def with_parents(files, names):
    """Return ``[(path, content)]`` with the folders that are not there."""
    result, made = [], set(names)
    for path in sorted(files):
        parts = path.split('/')
        for depth in range(1, len(parts)):
            parent = '/'.join(parts[:depth])
            if parent not in made:
                made.add(parent)
                result.append((parent, None))
        result.append((path, files[path]))
    return result


def _replace(guest, path, image):
    """Put a host's file in place of an initramfs, keeping the old one."""
    handle = guest.handle
    needed = os.path.getsize(image)
    figures = handle.statvfs(os.path.dirname(path))
    free = figures['bavail'] * figures['frsize']
    if free < needed:
        raise errors.NoSpace(
            path=os.path.dirname(path), free=free, needed=needed
        )
    if not handle.exists(path + BACKUP):
        handle.cp_a(path, path + BACKUP + '.new')
        handle.rename(path + BACKUP + '.new', path + BACKUP)
    handle.upload(image, path + '.new')
    handle.chmod(handle.stat(path)['mode'] & 0o777, path + '.new')
    guest.copy_label(path, path + '.new')
    handle.sync()
    handle.rename(path + '.new', path)


def _remember_in_initramfs_tools(guest):
    text = guest.text(TOOLS_FILE)
    missing = [d for d in DISK_DRIVERS if d not in text.split()]
    if not missing:
        return []
    lines = ''.join(f'{driver}\n' for driver in missing)
    if text and not text.endswith('\n'):
        lines = '\n' + lines
    guest.write(TOOLS_FILE, text + lines)
    return [f'{TOOLS_FILE} keeps virtio in every later initramfs.']


def _remember_in_dracut(guest):
    drivers = ' '.join(DISK_DRIVERS)
    if guest.write(DRACUT_FILE, f'add_drivers+=" {drivers} "\n'):
        return [f'{DRACUT_FILE} keeps virtio in every later initramfs.']
    return []
