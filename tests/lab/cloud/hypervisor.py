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
"""libvirt for Nova, and a stand-in for the kernel's missing NFS client.

These are the only parts of the cloud that reach outside the lab's
folder: a marked block in qemu.conf and ``/sbin/mount.nfs``.
"""

import pathlib

from tests.lab import commands
from tests.lab import daemons
from tests.lab.cloud import config
from tests.lab.cloud import layout

URI = 'qemu:///system'
DOMAIN_PREFIX = 'instance-'
QEMU_CONF = pathlib.Path('/etc/libvirt/qemu.conf')
SYSTEM_BUS = pathlib.Path('/run/dbus/system_bus_socket')
MOUNT_NFS = pathlib.Path('/sbin/mount.nfs')
#: ``mount -t nfs HOST:/path DIR`` becomes a bind mount of /path: Cinder,
#: Nova and os-brick go through their NFS code, unchanged.
MOUNT_NFS_SCRIPT = """\
#!/bin/sh
# migrate-lab: a bind mount in place of NFS
[ $# -ge 2 ] || exit 1
exec mount --bind "${1#*:}" "$2"
"""

DBUS = daemons.Daemon(
    name='dbus',
    argv=('/usr/bin/dbus-daemon', '--system', '--nofork', '--nopidfile'),
    run=layout.RUN,
    log=layout.LOG,
)
LIBVIRTD = daemons.Daemon(
    name='libvirtd',
    argv=('/usr/sbin/libvirtd', '-f', layout.ETC / 'libvirtd.conf'),
    run=layout.RUN,
    log=layout.LOG,
)
DAEMONS = (LIBVIRTD, DBUS)


def start():
    """Start libvirtd, and the system bus unless the machine has one."""
    _write_outside()
    started = 0
    if not _bus_answers():
        SYSTEM_BUS.parent.mkdir(parents=True, exist_ok=True)
        SYSTEM_BUS.unlink(missing_ok=True)
        started += DBUS.start()
    if LIBVIRTD.alive():
        return started
    if answers():
        raise daemons.NotReady(
            'Another libvirtd serves this machine (systemctl stop and mask '
            'libvirtd.service and its sockets): the lab starts its own.'
        )
    pathlib.Path('/run/libvirt').mkdir(exist_ok=True)
    return started + LIBVIRTD.start()


def wait():
    """Wait until libvirt answers."""
    daemons.wait_for('libvirtd', answers, 60, LIBVIRTD)


def answers():
    """Tell whether libvirt's system instance answers."""
    try:
        virsh('version')
    except commands.CommandFailed:
        return False
    return True


def _bus_answers():
    try:
        commands.run(
            'dbus-send', '--system', '--print-reply', '--dest='
            'org.freedesktop.DBus', '/', 'org.freedesktop.DBus.GetId',
        )  # fmt: skip
    except commands.CommandFailed:
        return False
    return True


def virsh(*argv):
    """Run virsh on the system instance."""
    return commands.run('virsh', '--connect', URI, '--quiet', *argv)


def stop_guests(forget):
    """Power off Nova's domains; with ``forget`` undefine them too."""
    if not LIBVIRTD.alive():
        if not _left_over(forget):
            return
        start()
        wait()
    running = virsh('list', '--name').split()
    for name in virsh('list', '--all', '--name').split():
        if not name.startswith(DOMAIN_PREFIX):
            continue
        if name in running:
            virsh('destroy', name)
        if forget:
            virsh('undefine', name, '--nvram')


def _left_over(forget):
    """Tell whether domains outlived a libvirtd that is gone."""
    folders = [pathlib.Path('/run/libvirt/qemu')]
    folders += [pathlib.Path('/etc/libvirt/qemu')] * forget
    return any(
        True
        for folder in folders
        for _path in folder.glob(f'{DOMAIN_PREFIX}*')
    )


def _write_outside():
    if not MOUNT_NFS.exists():
        MOUNT_NFS.write_text(MOUNT_NFS_SCRIPT)
        MOUNT_NFS.chmod(0o755)
    block = (config.TEMPLATES / 'qemu.conf').read_text()
    text = QEMU_CONF.read_text()
    if block not in text:
        QEMU_CONF.write_text(text + block)


def remove_outside():
    """Take back what was written outside the lab's folder."""
    if MOUNT_NFS.exists() and MOUNT_NFS.read_text() == MOUNT_NFS_SCRIPT:
        MOUNT_NFS.unlink()
    if QEMU_CONF.exists():
        block = (config.TEMPLATES / 'qemu.conf').read_text()
        QEMU_CONF.write_text(QEMU_CONF.read_text().replace(block, ''))
