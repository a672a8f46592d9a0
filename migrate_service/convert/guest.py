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

"""The guest's file systems inside libguestfs's appliance."""

import collections
import contextlib
import os
import resource
import time

import guestfs

from migrate_service.convert import errors

#: Configuration files are small; a larger one is not read.
MAX_TEXT = 4 << 20
LABEL = 'security.selinux'
#: Address space of this process, after the appliance has started.
MAX_MEMORY = 2 << 30


@contextlib.contextmanager
def appliance(disks, *, readonly):
    """Start an appliance with all disks; give the ``guestfs`` handle.

    At the end changes are flushed, and an error of that is raised.

    :param disks: ``model.Disk`` in boot order.
    """
    handle = guestfs.GuestFS(python_return_dict=True, close_on_exit=False)
    said: collections.deque[str] = collections.deque(maxlen=60)
    handle.set_event_callback(
        lambda event, number, text, *rest: said.append(text.rstrip()),
        guestfs.EVENT_APPLIANCE | guestfs.EVENT_WARNING,
    )
    start = time.monotonic()
    for disk in disks:
        cache = 'unsafe' if readonly else 'writeback'
        handle.add_drive_opts(
            disk.path, format=disk.format, readonly=readonly, cachemode=cache
        )
    try:
        handle.launch()
    except RuntimeError as error:
        print('\n'.join(said), flush=True)
        raise errors.ApplianceFailed(reason=str(error)) from error
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    print(f'appliance started in {time.monotonic() - start:.1f} s', flush=True)
    try:
        yield handle
        handle.umount_all()
        handle.shutdown()
    finally:
        handle.close()


class Guest:
    """Files of a mounted guest; paths are the guest's own."""

    def __init__(self, handle):
        self.handle = handle

    def mount(self, mountpoints, *, readonly):
        """Mount what can be mounted; return sentences about the rest."""
        mount = self.handle.mount_ro if readonly else self.handle.mount
        problems = []
        for path, device in sorted(
            mountpoints.items(), key=lambda i: len(i[0])
        ):
            try:
                mount(device, path)
            except RuntimeError as error:
                problems.append(f'{path} could not be mounted: {error}')
        return problems

    def is_file(self, path):
        return self.handle.is_file(path, followsymlinks=True)

    def is_directory(self, path):
        return self.handle.is_dir(path, followsymlinks=True)

    def names(self, path, suffix=''):
        """Return the sorted names in a directory, none if it is missing."""
        if not self.is_directory(path):
            return []
        return [n for n in self.handle.ls(path) if n.endswith(suffix)]

    def bytes(self, path, limit=MAX_TEXT):
        """Return a file's content; empty when missing or above ``limit``."""
        if not self.is_file(path) or self.handle.filesize(path) > limit:
            return b''
        return self.handle.read_file(path)

    def text(self, path):
        """Return a configuration file as text, empty when missing."""
        return self.bytes(path).decode(errors='replace')

    def fetch(self, path, directory):
        """Copy a file of the guest to ``directory`` of the host."""
        target = os.path.join(directory, 'fetched')
        self.handle.download(path, target)
        return target

    def write(self, path, content):
        """Write a file as a whole, with the SELinux label of its place.

        :returns: whether that changed anything.
        """
        if self.bytes(path) == content.encode():
            return False
        parent = os.path.dirname(path)
        self.handle.mkdir_p(parent)
        self.handle.write(path + '.new', content.encode())
        self.handle.chmod(0o644, path + '.new')
        example = path if self.is_file(path) else parent
        self.copy_label(example, path + '.new')
        self.handle.rename(path + '.new', path)
        return True

    def copy_label(self, example, path):
        """Give ``path`` the SELinux label of ``example``, if it has one."""
        for attribute in self.handle.lgetxattrs(example):
            if attribute['attrname'] == LABEL:
                label = attribute['attrval']
                self.handle.lsetxattr(LABEL, label, len(label), path)
