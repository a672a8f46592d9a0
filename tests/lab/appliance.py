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

"""A kernel for libguestfs's appliance, without installing one here.

supermin wants a kernel and its modules. A lab machine (a container, a
micro-VM) may have none in /boot, and installing one would write to its
boot loader; so Debian's package is unpacked into the lab's folder and
named to supermin by environment variables.
"""

import pathlib
import re
import shutil

from tests.lab import commands
from tests.lab import settings

#: Depends on the current kernel of the Debian release.
META_PACKAGE = 'linux-image-amd64'
ENV_FILE = settings.APPLIANCE / 'env'


def environment():
    """Return the variables that libguestfs programs need in the lab.

    None before the kernel is installed.
    """
    if not ENV_FILE.exists():
        return {}
    lines = ENV_FILE.read_text().splitlines()
    return dict(line.split('=', 1) for line in lines if line)


def install():
    """Unpack the kernel once and write ENV_FILE (KEY=VALUE lines)."""
    # supermin looks at this folder although it is told of another one.
    pathlib.Path('/lib/modules').mkdir(exist_ok=True)
    if ENV_FILE.exists() and _complete(environment()):
        return
    root = settings.APPLIANCE / 'root'
    shutil.rmtree(settings.APPLIANCE, ignore_errors=True)
    root.mkdir(parents=True)
    log = settings.LOG / 'appliance.log'
    commands.run(
        'apt-get', 'download', _kernel_package(),
        cwd=settings.APPLIANCE, log=log,
    )  # fmt: skip
    package = next(settings.APPLIANCE.glob('linux-image-*.deb'))
    commands.run('dpkg', '-x', package, root, log=log)
    package.unlink()
    kernel = next((root / 'boot').glob('vmlinuz-*'))
    version = kernel.name.removeprefix('vmlinuz-')
    commands.run('depmod', '-b', root, version, log=log)
    _write_environment(kernel, root / 'lib' / 'modules' / version, version)


def _kernel_package():
    text = commands.run('apt-cache', 'depends', META_PACKAGE)
    found = re.search(r'Depends: (linux-image-\S+)', text)
    if not found:
        raise commands.CommandFailed(
            f'apt knows no kernel behind {META_PACKAGE}; run apt-get update'
        )
    return found.group(1)


def _write_environment(kernel, modules, version):
    cache = settings.APPLIANCE / 'cache'
    cache.mkdir()
    variables = {
        'LIBGUESTFS_BACKEND': 'direct',
        'LIBGUESTFS_BACKEND_SETTINGS': 'force_tcg',
        'LIBGUESTFS_CACHEDIR': cache,
        'SUPERMIN_KERNEL': kernel,
        'SUPERMIN_KERNEL_VERSION': version,
        'SUPERMIN_MODULES': modules,
    }
    ENV_FILE.write_text(
        ''.join(f'{key}={value}\n' for key, value in variables.items())
    )


def _complete(variables):
    return all(
        pathlib.Path(variables.get(key, '/nonexistent')).exists()
        for key in ('SUPERMIN_KERNEL', 'SUPERMIN_MODULES')
    )
