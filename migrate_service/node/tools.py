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
"""The programs and modules that a conversion node needs."""

import importlib
import os
import re
import shutil
import subprocess

from migrate_service.node import findings

#: Those of Debian 12 and of Ubuntu 24.04 are new enough.
INSTALL = (
    'Install the packages that "bindep -b worker" lists; see the '
    'installation guide.'
)
VIRTIO_WIN = '/usr/share/virtio-win'

#: program: (argument that prints the version, the oldest that was tried)
PROGRAMS = {
    'nbdkit': ('--version', (1, 32)),
    'qemu-nbd': ('--version', (7, 2)),
    'qemu-system-x86_64': ('--version', (7, 2)),
    'virt-v2v-in-place': ('--version', (2, 2)),
    'supermin': ('--version', (5, 2)),
    'setpriv': ('--version', (2, 38)),
    'zstd': ('--version', (1, 5)),
    'lz4': ('--version', (1, 9)),
}
#: Bindings that PyPI does not have.
MODULES = {'nbd': 'python3-libnbd', 'guestfs': 'python3-guestfs'}
#: transport: plug-in of nbdkit
PLUGINS = {'file': 'file', 'vddk': 'vddk'}
#: What os-brick runs for a kind of volume: (program, what it is for).
SINKS = {
    'mount.nfs': 'volumes on NFS',
    'iscsiadm': 'volumes over iSCSI',
    'rbd': 'volumes on Ceph',
    'nvme': 'volumes over NVMe-oF',
}


def check(transports):
    """Yield the findings about tools.

    :param transports: those of ``[worker] transports``.
    """
    for program, (argument, oldest) in PROGRAMS.items():
        yield program_finding(program, argument, oldest)
    for module, package in MODULES.items():
        yield module_finding(module, package)
    for transport in transports:
        if transport in PLUGINS:
            yield plugin_finding(PLUGINS[transport])
    yield appliance_finding()
    yield sinks_finding()
    yield virtio_win_finding()


def program_finding(program, argument, oldest):
    """Return whether ``program`` is there and not too old."""
    check = f'program {program}'
    if not shutil.which(program):
        return findings.failed(check, f'{program} is not there.', INSTALL)
    text = _output([program, argument])
    version = version_in(text)
    if version is None:
        return findings.warning(
            check, f'{program} does not tell its version.', INSTALL
        )
    shown = '.'.join(map(str, version))
    if version[:2] < oldest:
        needed = '.'.join(map(str, oldest))
        return findings.warning(
            check,
            f'{program} {shown} is older than {needed}, the oldest tried.',
            INSTALL,
        )
    return findings.ok(check, f'{program} {shown}')


def version_in(text):
    """Return the first version number in ``text`` as a tuple, or None."""
    match = re.search(r'(\d+)\.(\d+)(?:\.(\d+))?', text)
    if not match:
        return None
    return tuple(int(part) for part in match.groups() if part)


def module_finding(module, package):
    """Return whether the binding can be imported by this interpreter."""
    try:
        importlib.import_module(module)
    except ImportError as error:
        return findings.failed(
            f'module {module}',
            f'Python cannot import {module}: {error}.',
            f'Install {package}, and make the virtual environment of the '
            'worker with --system-site-packages.',
        )
    return findings.ok(f'module {module}', f'{module} can be imported.')


def plugin_finding(plugin):
    """Return whether nbdkit has a plug-in that a transport needs."""
    found = bool(_output(['nbdkit', '--dump-plugin', plugin]))
    return findings.need(
        found,
        f'nbdkit {plugin}',
        f'nbdkit has its {plugin} plug-in.',
        f'nbdkit cannot load its {plugin} plug-in.',
        'Install it, or take the transport out of [worker] transports.',
    )


def appliance_finding(boot='/boot'):
    """Return whether libguestfs finds a kernel that it can read.

    Ubuntu gives its kernels mode 0600: an unprivileged worker cannot build
    the appliance.
    """
    kernels = [
        os.path.join(boot, name)
        for name in (os.listdir(boot) if os.path.isdir(boot) else ())
        if name.startswith('vmlinuz-')
    ]
    if os.environ.get('SUPERMIN_KERNEL'):
        kernels = [os.environ['SUPERMIN_KERNEL']]
    elif os.environ.get('LIBGUESTFS_PATH'):
        kernels = [os.path.join(os.environ['LIBGUESTFS_PATH'], 'kernel')]
    readable = [path for path in kernels if os.access(path, os.R_OK)]
    return findings.need(
        readable,
        'appliance',
        'libguestfs has a kernel for its appliance.',
        'libguestfs finds no kernel that this user can read in /boot.',
        'Install a kernel package (linux-image-amd64) or set '
        'SUPERMIN_KERNEL and SUPERMIN_MODULES; where kernels have mode '
        '0600, "dpkg-statoverride --add root root 0644 /boot/vmlinuz-…".',
    )


def sinks_finding():
    """Return which kinds of volumes can be attached."""
    present = [what for name, what in SINKS.items() if shutil.which(name)]
    absent = [name for name in SINKS if not shutil.which(name)]
    if present:
        text = f'Ready for {", ".join(present)} and local block devices.'
        return findings.ok('sinks', text)
    return findings.warning(
        'sinks',
        f'None of {", ".join(absent)} is there: only local block devices '
        'can be attached.',
        'Install what your Cinder back ends need.',
    )


def virtio_win_finding():
    """Return whether drivers for Windows guests are there."""
    path = os.environ.get('VIRTIO_WIN', VIRTIO_WIN)
    if os.path.exists(path):
        return findings.ok('virtio-win', f'Drivers for Windows: {path}.')
    return findings.warning(
        'virtio-win',
        f'There is no {path}: Windows guests without virtio drivers cannot '
        'be converted on this node.',
        'Put the virtio-win drivers there, or set VIRTIO_WIN.',
    )


def _output(command):
    """Return what a short command prints; nothing when it cannot run."""
    try:
        done = subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ''
    if done.returncode:
        return ''
    return (done.stdout + done.stderr).decode(errors='replace')
