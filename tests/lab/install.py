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
"""Installs what the lab needs: Debian packages, uv, virtual environments.

Everything is skipped when it is there already: packages by dpkg's
records, environments by a stamp of the requirements they were made from.
"""

import contextlib
import hashlib
import os
import pathlib
import sys

from tests.lab import bindep
from tests.lab import commands
from tests.lab import settings

UV = settings.TOOLS / 'uv' / 'bin' / 'uv'
#: Debian's own interpreter: nbd and guestfs exist only for it.
PYTHON = '/usr/bin/python3'
POLICY = pathlib.Path('/usr/sbin/policy-rc.d')
CONSTRAINTS = pathlib.Path(__file__).parent / 'cloud' / 'constraints.txt'
APT = ('apt-get', '-o', 'DPkg::Lock::Timeout=600')
#: For docs and release notes; not in test-requirements.txt.
DEVELOPER = (
    'doc8',
    'openstackdocstheme',
    'os-api-ref',
    'reno',
    'sphinx',
    'sphinx-lint',
)


def missing_packages(profiles):
    """Return the packages of bindep.txt that are not installed."""
    text = (settings.CHECKOUT / 'bindep.txt').read_text()
    records = commands.run(
        'dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n'
    )
    installed = {
        line.split()[0]
        for line in records.splitlines()
        if line.endswith(' installed')
    }
    return [
        name
        for name in bindep.packages(text, profiles)
        if name not in installed
    ]


def packages(profiles=('lab',)):
    """Install the missing packages of ``profiles``; return their number."""
    missing = missing_packages(profiles)
    if not missing:
        return 0
    install = (*APT, 'install', '-y', '--no-install-recommends', *missing)
    env = {'DEBIAN_FRONTEND': 'noninteractive'}
    log = settings.LOG / 'apt.log'
    with _no_daemons():
        try:
            commands.run(*install, log=log, env=env)
        except commands.CommandFailed:
            commands.run(*APT, 'update', log=log)
            commands.run(*install, log=log, env=env)
    return len(missing)


@contextlib.contextmanager
def _no_daemons():
    """Keep packages from starting their daemons: the lab has its own."""
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text('#!/bin/sh\nexit 101\n')
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink()


def uv(*argv, log='uv'):
    """Run uv, fetching it from PyPI when it is not there."""
    output = settings.LOG / f'{log}.log'
    if not UV.exists():
        commands.run(
            PYTHON, '-m', 'pip', 'install', '--quiet', '--root-user-action',
            'ignore', '--target', settings.TOOLS / 'uv', 'uv', log=output,
        )  # fmt: skip
    env = {'UV_CACHE_DIR': settings.CACHE / 'uv'}
    commands.run(UV, '--quiet', *argv, log=output, env=env)


def environment(folder, requirements, inputs=(), site_packages=False):
    """Make the virtual environment ``folder``; tell whether anything was done.

    ``requirements`` are arguments of ``uv pip install``, ``inputs`` files
    whose content they depend on.
    """
    stamp = folder / 'lab-stamp'
    key = _stamp_of(requirements, inputs)
    if stamp.exists() and stamp.read_text() == key:
        return False
    if not (folder / 'bin' / 'python').exists():
        system = ('--system-site-packages',) if site_packages else ()
        uv('venv', *system, '--python', PYTHON, folder)
    uv(
        'pip', 'install', '--python', folder / 'bin' / 'python',
        '--compile-bytecode', '--constraint', CONSTRAINTS, *requirements,
        log=folder.relative_to(settings.LAB).as_posix().replace('/', '-'),
    )  # fmt: skip
    stamp.write_text(key)
    return True


def _stamp_of(requirements, inputs):
    parts = [str(r).encode() for r in requirements]
    parts += [path.read_bytes() for path in (CONSTRAINTS, *inputs)]
    return hashlib.sha256(b'\0'.join(parts)).hexdigest()


def migrate():
    """Make the environment of Migrate itself, from this checkout."""
    checkout = settings.CHECKOUT
    inputs = [
        checkout / 'pyproject.toml',
        checkout / 'requirements.txt',
        checkout / 'test-requirements.txt',
    ]
    requirements = (
        '--editable', f'{checkout}[worker]', '--requirement', inputs[2],
        *DEVELOPER,
    )  # fmt: skip
    return environment(settings.VENV, requirements, inputs, site_packages=True)


def require_root():
    """Leave with a sentence unless this process may do all of this."""
    if os.geteuid():
        sys.exit('The lab mounts, makes network namespaces and installs '
                 'packages: run it as root.')  # fmt: skip
