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

"""VDDK in the lab: nbdkit's own plugin, and our stand-in for the library.

Debian 12 has no package of the plugin. That of Debian 13's *contrib* needs no
newer libc and loads in Debian 12's nbdkit, so its one file is fetched and
unpacked, beside the machine's packages.
"""

import hashlib
import pathlib
import shutil

from tests.lab import commands
from tests.lab import settings

SOURCES = pathlib.Path(__file__).parent / 'vddk'
FOLDER = settings.CACHE / 'nbdkit-vddk'
PACKAGE = 'nbdkit-plugin-vddk'
PLUGIN = (
    FOLDER / 'usr/lib/x86_64-linux-gnu/nbdkit/plugins/nbdkit-vddk-plugin.so'
)
#: What an operator would configure as ``[vsphere] vddk_libdir``.
LIBDIR = settings.CACHE / 'vddk'
URI = 'http://deb.debian.org/debian'
_APT = f"""\
Types: deb
URIs: {URI}
Suites: trixie
Components: contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


def install():
    """Fetch the plugin and build the stand-in, unless they are there.

    :raises commands.CommandFailed: it cannot be fetched or built.
    """
    if not PLUGIN.exists():
        try:
            _fetch()
        except commands.CommandFailed as error:
            raise commands.CommandFailed(
                f"nbdkit's plugin for the transport vddk is missing: "
                f'{PACKAGE} of Debian 13 (trixie), contrib, could not be '
                f'fetched from {URI}. Without the network, unpack that '
                f'package with "dpkg-deb -x" in {FOLDER}.\n{error}'
            ) from error
    stamp = LIBDIR / 'stamp'
    state = _state()
    if not stamp.exists() or stamp.read_text() != state:
        _build(LIBDIR / 'lib64')
        stamp.write_text(state)


def _fetch():
    """Unpack the package by apt with a configuration of its own.

    FOLDER is there when it is whole: what was broken off is begun anew.
    """
    apt = FOLDER.with_suffix('.new')
    shutil.rmtree(apt, ignore_errors=True)
    for name in ('lists/partial', 'cache/archives/partial', 'sources'):
        (apt / name).mkdir(parents=True)
    (apt / 'sources' / 'trixie.sources').write_text(_APT)
    options = (
        *('-o', 'Dir::Etc::sourcelist=/dev/null'),
        *('-o', f'Dir::Etc::sourceparts={apt / "sources"}'),
        *('-o', f'Dir::State::lists={apt / "lists"}'),
        *('-o', f'Dir::Cache={apt / "cache"}'),
        *('-o', 'APT::Sandbox::User=root'),
    )
    log = settings.LOG / 'apt-vddk.log'
    commands.run('apt-get', *options, 'update', '--error-on=any', log=log)
    commands.run(*('apt-get', *options, 'download', PACKAGE), cwd=apt, log=log)
    (package,) = apt.glob(f'{PACKAGE}_*.deb')
    commands.run('dpkg-deb', '-x', package, apt / 'tree', log=log)
    shutil.rmtree(FOLDER, ignore_errors=True)
    (apt / 'tree').rename(FOLDER)
    shutil.rmtree(apt)


def _build(folder):
    folder.mkdir(parents=True, exist_ok=True)
    commands.run(
        *('cc', '-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror'),
        *('-fvisibility=hidden', '-Wl,-soname,libvixDiskLib.so.8'),
        *('-o', folder / 'libvixDiskLib.so.8'),
        *sorted(SOURCES.glob('*.c')),
        *('-lssl', '-lcrypto'),
    )


def _state():
    digest = hashlib.sha256()
    for source in sorted(SOURCES.iterdir()):
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()
