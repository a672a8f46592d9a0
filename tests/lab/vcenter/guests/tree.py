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

"""A guest's tree: the root file system dressed as one machine of vSphere."""

import os
import pathlib
import shutil
import subprocess

from tests.lab.vcenter.guests import known
from tests.lab.vcenter.guests import specs

FILES = pathlib.Path(__file__).parent / 'files'
PASSWORD = 'lab'  # of root, on the console
#: All a guest on vSphere needs to find its disks and network, and no more:
#: what an installer that looks only at the hardware in front of it leaves.
VMWARE_MODULES = (
    'mptspi',
    'vmw_pvscsi',
    'ata_piix',
    'ahci',
    'sd_mod',
    'sr_mod',
    'ext4',
    'vmxnet3',
    'e1000',
)
#: Would only slow the boot.
MASKED = (
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'dpkg-db-backup.timer',
    'e2scrub_all.timer',
    'e2scrub_reap.service',
    'fstrim.timer',
    'lvm2-monitor.service',
)
GRUB = """\
GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"
GRUB_TERMINAL="serial console"
GRUB_DISABLE_OS_PROBER=true
"""


def make(guest: specs.Guest, tar: pathlib.Path, root: pathlib.Path) -> None:
    """Unpack ``tar`` into ``root`` and make it the tree of ``guest``."""
    root.mkdir()
    subprocess.run(
        ['tar', '-C', root, '-xf', tar, '--numeric-owner'], check=True
    )
    for folder in ('dev', 'proc', 'sys', 'boot/grub', 'boot/efi', 'data'):
        (root / folder).mkdir(parents=True, exist_ok=True)
    _identity(guest, root)
    _fstab(guest, root)
    _network(guest, root)
    _report(guest, root)
    _initramfs(guest, root)
    _finish(guest, root)


def _identity(guest: specs.Guest, root: pathlib.Path) -> None:
    (root / 'etc/hostname').write_text(f'{guest.name}\n')
    (root / 'etc/hosts').write_text(
        f'127.0.0.1 localhost\n127.0.1.1 {guest.name}\n'
    )
    subprocess.run(
        ['chroot', root, 'chpasswd'],
        input=f'root:{PASSWORD}',
        text=True,
        check=True,
    )
    for unit in MASKED:
        (root / 'etc/systemd/system' / unit).symlink_to('/dev/null')


def _fstab(guest: specs.Guest, root: pathlib.Path) -> None:
    lines = [
        f'UUID={guest.root_uuid} / ext4 errors=remount-ro 0 1',
        f'UUID={guest.swap_uuid} none swap sw 0 0',
    ]
    if guest.data_uuid:
        lines.append(f'UUID={guest.data_uuid} /data ext4 defaults 0 2')
    if guest.firmware == 'efi':
        serial = f'{specs.ESP.uuid[:4]}-{specs.ESP.uuid[4:]}'.upper()
        lines.append(f'UUID={serial} /boot/efi vfat umask=0077 0 1')
    (root / 'etc/fstab').write_text('\n'.join(lines) + '\n')


def _network(guest: specs.Guest, root: pathlib.Path) -> None:
    stanzas = ['auto lo\niface lo inet loopback']
    for name, method in guest.nics:
        stanzas.append(f'auto {name}\niface {name} inet {method}')
    path = root / 'etc/network/interfaces'
    path.write_text('\n\n'.join(stanzas) + '\n')
    with open(root / 'etc/dhcp/dhclient.conf', 'a') as conf:
        conf.write('timeout 30;\n')
    if guest.named_mac:
        (root / 'etc/systemd/network/10-lan.link').write_text(
            f'[Match]\nMACAddress={guest.named_mac}\n\n'
            f'[Link]\nName={guest.nics[0][0]}\n'
        )


def _report(guest: specs.Guest, root: pathlib.Path) -> None:
    shutil.copy(FILES / 'lab-report', root / 'usr/local/sbin/lab-report')
    units = root / 'etc/systemd/system'
    shutil.copy(FILES / 'lab-report.service', units)
    wants = units / 'multi-user.target.wants'
    (wants / 'lab-report.service').symlink_to('../lab-report.service')
    place = '/data' if guest.data_uuid else '/srv'
    (root / 'etc/lab-known-file').write_text(f'{place}/{known.NAME}\n')
    if not guest.data_uuid:
        known.write(root / 'srv')


def _initramfs(guest: specs.Guest, root: pathlib.Path) -> None:
    folder = root / 'etc/initramfs-tools'
    conf = (folder / 'initramfs.conf').read_text()
    conf = conf.replace('COMPRESS=zstd', f'COMPRESS={guest.compress}')
    if guest.initramfs == 'vmware':
        conf = conf.replace('MODULES=most', 'MODULES=list')
        (folder / 'modules').write_text('\n'.join(VMWARE_MODULES) + '\n')
    (folder / 'initramfs.conf').write_text(conf)


def _finish(guest: specs.Guest, root: pathlib.Path) -> None:
    (root / 'etc/default/grub').write_text(GRUB)
    (root / 'boot/grub/device.map').write_text('(hd0) /dev/sda\n')
    partmap = 'msdos' if guest.firmware == 'bios' else 'gpt'
    environment = os.environ | {
        'FIRMWARE': guest.firmware,
        'GRUB_PROBE': str(FILES / 'grub-probe'),
        'PARTMAP': partmap,
        'ROOT_DEVICE': f'/dev/sda{guest.root_number}',
        'ROOT_HINT': f'hd0,{partmap}{guest.root_number}',
        'ROOT_UUID': guest.root_uuid,
        'PATH': '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin',
        'LC_ALL': 'C',
    }
    subprocess.run(
        ['unshare', '--mount', FILES / 'finish-tree', root],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
