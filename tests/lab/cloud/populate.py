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
"""Runs the programs that fill the cloud, once for each content.

They import openstacksdk, so the cloud's own interpreter runs them; a
stamp in the cloud's data keeps a repeated ``up`` short.
"""

import hashlib
import pathlib

from tests.lab import commands
from tests.lab.cloud import layout

HERE = pathlib.Path(__file__).parent


def accounts(barbican):
    """Ensure Keystone's content."""
    _once('accounts', *(['barbican'] if barbican else []))


def accounts_again():
    """Ensure Keystone's content after a test removed some of it."""
    (layout.DATA / 'accounts-ready').unlink(missing_ok=True)
    accounts(layout.config('barbican').exists())


def tenants():
    """Ensure flavors, volume types, networks and quotas."""
    _once('tenants')


def _once(name, *argv):
    """Run ``tests.lab.cloud.<name>`` unless it was, just as it is now."""
    stamp = layout.DATA / f'{name}-ready'
    sources = (HERE / f'{name}.py', HERE.parent / 'settings.py')
    text = ' '.join(argv).encode() + b''.join(p.read_bytes() for p in sources)
    key = hashlib.sha256(text).hexdigest()
    if stamp.exists() and stamp.read_text() == key:
        return
    commands.run_checkout(
        layout.BIN / 'python',
        f'tests.lab.cloud.{name}',
        *argv,
        log=layout.LOG / f'{name}.log',
        env={'PYTHONWARNINGS': 'ignore'},
    )
    stamp.write_text(key)
