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
"""The environment of the cloud's services, and the lab's one patch."""

from tests.lab import commands
from tests.lab import install
from tests.lab import settings

REQUIREMENTS = (
    'barbican',
    'cinder',
    'glance',
    'keystone',
    'libvirt-python',
    'neutron',
    'nova',
    'openstack-placement',
    'openstacksdk',
    'pymemcache',
    'pymysql',
    'pyuwsgi',
)
DRIVER = 'lib/python3*/site-packages/nova/virt/libvirt/driver.py'
BEFORE = 'guest.os_firmware_secure = guest.os_loader_secure\n'
MARK = '# lab: libvirt 9 refuses secure=no beside autoselection\n'


def prepare():
    """Make the environment; tell whether anything was done."""
    done = install.environment(settings.CLOUD_VENV, REQUIREMENTS)
    return _allow_plain_uefi() or done


def _allow_plain_uefi():
    """Let UEFI guests without secure boot start on Debian 12.

    Nova 34 writes ``<loader secure='no'>`` beside firmware autoselection,
    which libvirt 9.0 refuses; the disabled feature secure-boot that it
    writes too is enough.
    """
    path = next(settings.CLOUD_VENV.glob(DRIVER))
    text = path.read_text()
    if MARK in text:
        return False
    head, found, tail = text.partition(BEFORE)
    if not found:
        raise commands.CommandFailed(f'{path} has changed: review the patch')
    indent = ' ' * (len(head) - len(head.rstrip(' ')))
    patch = (
        f'{indent}if guest.os_loader_secure is False:  {MARK}'
        f'{indent}    guest.os_loader_secure = None\n'
    )
    path.write_text(head + found + patch + tail)
    return True
