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

"""The root file system all guests start from, made once by mmdebstrap."""

import hashlib
import json
import pathlib
import subprocess

#: Debian 12 with what a guest on vSphere has, and both boot loaders.
PACKAGES = (
    'systemd-sysv',
    'dbus',
    'udev',
    'kmod',
    'ifupdown',
    'isc-dhcp-client',
    'iproute2',
    'iputils-ping',
    'netbase',
    'openssh-server',
    'open-vm-tools',
    'initramfs-tools',
    'zstd',
    'grub-pc-bin',
    'grub-efi-amd64-bin',
    'grub2-common',
    'lvm2',
    'linux-image-amd64',
)
#: Drivers that no virtual machine has a use for: a third of the tree, and so
#: of every copy that the lab makes.
DRIVERLESS = (
    'drivers/gpu',
    'drivers/infiniband',
    'drivers/media',
    'drivers/net/wireless',
    'drivers/staging',
    'sound',
)
OPTIONS = (
    '--variant=minbase',
    '--mode=root',
    f'--include={",".join(PACKAGES)}',
    '--dpkgopt=path-exclude=/usr/share/man/*',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    '--dpkgopt=path-exclude=/usr/share/locale/*',
    *(
        f'--dpkgopt=path-exclude=/lib/modules/*/kernel/{folder}/*'
        for folder in DRIVERLESS
    ),
    '--aptopt=Acquire::Languages "none"',
    '--customize-hook=rm -rf "$1"/var/cache/apt/archives/*.deb'
    ' "$1"/var/lib/apt/lists/* "$1"/etc/apt/sources.list.d/*;'
    ' : > "$1"/etc/apt/sources.list',
)
SUITE = 'bookworm'


def _sources() -> str:
    """The machine's own Debian mirror: sources given to mmdebstrap."""
    deb822 = pathlib.Path('/etc/apt/sources.list.d/debian.sources')
    return str(deb822 if deb822.exists() else '/etc/apt/sources.list')


def build(cache: pathlib.Path) -> pathlib.Path:
    """Return the tar, made if it is not in ``cache`` (2 to 3 minutes).

    :raises subprocess.CalledProcessError: mmdebstrap failed; its output went
        to ``rootfs.log`` beside the tar.
    """
    recipe = json.dumps([SUITE, OPTIONS]).encode()
    key = hashlib.sha256(recipe).hexdigest()[:12]
    tar = cache / f'rootfs-{key}.tar'
    if tar.exists():
        return tar
    partial = cache / 'rootfs.partial.tar'
    command = ['mmdebstrap', '--quiet', *OPTIONS, SUITE, partial, _sources()]
    with open(cache / 'rootfs.log', 'wb') as log:
        subprocess.run(command, check=True, stdout=log, stderr=log)
    partial.rename(tar)
    return tar
