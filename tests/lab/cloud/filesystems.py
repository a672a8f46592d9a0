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
"""Mounts and loop devices that the cloud's services leave behind."""

import os
import pathlib

from tests.lab import commands
from tests.lab.cloud import layout

NVRAM = pathlib.Path('/var/lib/libvirt/qemu/nvram')


def mounts():
    """Return the mount points below the cloud's data, innermost first."""
    text = pathlib.Path('/proc/self/mounts').read_text()
    points = [line.split()[1] for line in text.splitlines()]
    return sorted(
        (p for p in points if p.startswith(f'{layout.DATA}/')), reverse=True
    )


def loops():
    """Return ``{file: loop device}`` of files below the cloud's data.

    Loop devices are the machine's, paths a container's: another lab in a
    container of its own has files of the same names.
    """
    text = commands.run(
        'losetup', '--noheadings', '--raw', '-O', 'NAME,BACK-INO,BACK-FILE'
    )
    rows = [line.split(' ', 2) for line in text.splitlines()]
    return {
        row[2]: row[0]
        for row in rows
        if len(row) == 3
        and row[2].startswith(f'{layout.DATA}/')
        and _has_inode(row[2], int(row[1]))
    }


def _has_inode(path, number):
    """Tell whether ``path`` is that file here, or gone."""
    try:
        return os.stat(path).st_ino == number
    except FileNotFoundError:
        return True


def restore():
    """Give attached block volumes their devices again, for Nova's guests.

    Cinder keeps ``loop/dev/NAME`` while a volume is attached; the device
    behind it is gone when the cloud, or the machine, was down.
    """
    present = loops()
    for link in (layout.DATA / 'loop' / 'dev').iterdir():
        file = layout.DATA / 'loop' / link.name
        if str(file) in present:
            continue
        device = commands.run('losetup', '--find', '--show', file).strip()
        link.unlink()
        link.symlink_to(device)


def release():
    """Unmount and detach all of them."""
    for point in mounts():
        commands.run('umount', point)
    for device in loops().values():
        commands.run('losetup', '-d', device)


def forget_firmware():
    """Remove the UEFI variables of Nova's guests."""
    for path in NVRAM.glob('instance-*'):
        path.unlink()
