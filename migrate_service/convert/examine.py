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

"""Collect what ``model.Inspection`` holds, inside the child process."""

import hashlib
import time

from migrate_service.convert import efi
from migrate_service.convert import guest as guests
from migrate_service.convert import linux
from migrate_service.convert import model
from migrate_service.convert import nics
from migrate_service.convert import windows

HIDDEN = ('crypto_LUKS', 'BitLocker')
VM_TOOLS = ('/usr/bin/vmtoolsd', '/usr/sbin/vmtoolsd', '/usr/lib/vmware-tools')
#: Where things are, which fstab and the root's UUID vouch for.
LASTING = (
    'outcome',
    'roots',
    'type',
    'distro',
    'version',
    'arch',
    'product',
    'osinfo',
    'hostname',
    'mountpoints',
    'esp',
)
GUEST_AGENT = ('/usr/sbin/qemu-ga', '/usr/bin/qemu-ga')


def run(disks, request, directory):
    """Serve the task ``inspect``: return ``Inspection.to_dict()``."""
    with guests.appliance(disks, readonly=True) as handle:
        return look(handle, len(disks), directory).to_dict()


def look(handle, disks, directory, known=None):
    """Return the ``model.Inspection`` of what the appliance sees.

    :param disks: their number.
    :param known: ``model.Inspection`` of the same disks at an earlier time.
        Where the operating system is, is taken from it while its mark
        holds; all that a decision depends on is read again.
    """
    start = time.monotonic()
    facts = _again(handle, directory, known) if known else None
    if facts is None:
        facts = _facts(handle, directory)
    handle.umount_all()
    seconds = round(time.monotonic() - start, 1)
    inspection = model.Inspection(**facts, disks=disks, seconds=seconds)
    for problem in inspection.problems:
        print(problem, flush=True)
    print(f'inspection: {summary(inspection)} ({seconds} s)', flush=True)
    return inspection


def summary(inspection):
    """Return what was found in a few words, for the log."""
    if inspection.outcome != model.SYSTEM:
        return f'operating systems: {inspection.outcome}'
    return f'{inspection.product} {inspection.arch} on {inspection.roots[0]}'


def outcome(roots, filesystems):
    """Return the ``Inspection.outcome`` of what libguestfs lists."""
    if len(roots) == 1:
        return model.SYSTEM
    if roots:
        return model.SEVERAL
    hidden = any(kind in HIDDEN for kind in filesystems.values())
    return model.ENCRYPTED if hidden else model.EMPTY


def _facts(handle, directory):
    roots = handle.inspect_os()
    facts = {
        'outcome': outcome(roots, handle.list_filesystems()),
        'roots': tuple(roots),
    }
    if facts['outcome'] == model.SYSTEM:
        facts |= identity(handle, roots[0])
        facts['esp'] = efi.find(handle)
        facts |= _content(handle, facts, directory)
    return facts


def _again(handle, directory, known):
    """Return the facts of a Linux whose place is known, or None."""
    if known.type != 'linux' or not known.mark:
        return None
    facts = {name: getattr(known, name) for name in LASTING}
    try:
        facts |= _content(handle, facts, directory)
    except RuntimeError as error:  # what libguestfs raises
        print(f'looking anew: {error}', flush=True)
        facts['mark'] = None
    if facts['mark'] == known.mark:
        return facts
    handle.umount_all()
    return None


def identity(handle, root):
    """Return what libguestfs tells of an operating system."""
    major = handle.inspect_get_major_version(root)
    minor = handle.inspect_get_minor_version(root)
    return {
        'type': handle.inspect_get_type(root),
        'distro': handle.inspect_get_distro(root),
        'version': f'{major}.{minor}',
        'arch': handle.inspect_get_arch(root),
        'product': handle.inspect_get_product_name(root),
        'osinfo': handle.inspect_get_osinfo(root),
        'hostname': handle.inspect_get_hostname(root),
        'mountpoints': handle.inspect_get_mountpoints(root),
    }


def _content(handle, facts, directory):
    guest = guests.Guest(handle)
    problems = guest.mount(facts['mountpoints'], readonly=True)
    found = {
        'open_vm_tools': any(map(handle.exists, VM_TOOLS)),
        'guest_agent': any(map(handle.exists, GUEST_AGENT)),
        'free': _free(handle, facts['mountpoints']),
        'mark': _mark(guest, facts['roots'][0]),
    }
    if facts['type'] == 'windows':
        found['windows'] = windows.facts(guest)
    elif facts['type'] == 'linux':
        kernels, more = linux.kernels(guest, directory)
        problems += more
        found |= {
            'kernels': kernels,
            'named_devices': linux.named_devices(guest),
            'interfaces': nics.configured(guest),
            'link_files': nics.supports_link_files(guest),
        }
    return found | {'problems': tuple(problems)}


def _mark(guest, root):
    """Return what tells this root and its fstab from any other."""
    table = hashlib.sha256(guest.bytes('/etc/fstab')).hexdigest()
    return f'{guest.handle.vfs_uuid(root)}/{table}'


def _free(handle, mountpoints):
    free = {}
    for path in ('/', '/boot'):
        if path in mountpoints:
            figures = handle.statvfs(path)
            free[path] = figures['bavail'] * figures['frsize']
    return free
