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
"""The world outside the cloud: a network namespace on ``br-ex``.

It holds the gateway address of the external network, so a program run in
it reaches floating IPs: ``ip netns exec migrate-lab-outside ping …``.
"""

from tests.lab import commands
from tests.lab import daemons
from tests.lab.cloud import ovn

NAMESPACE = 'migrate-lab-outside'
PORT = 'lab-outside'
#: The gateway of tests.lab.cloud.tenants.EXTERNAL.
ADDRESS = '198.51.100.1/24'


def start():
    """Ensure the namespace and its port."""
    if NAMESPACE not in commands.run('ip', 'netns', 'list').split():
        commands.run('ip', 'netns', 'add', NAMESPACE)
    if _has_port():
        return
    ovn.vsctl('--if-exists', 'del-port', 'br-ex', PORT)
    ovn.vsctl(
        'add-port', 'br-ex', PORT,
        '--', 'set', 'interface', PORT, 'type=internal',
    )  # fmt: skip
    daemons.wait_for('the port on br-ex', _device_exists, 15)
    commands.run('ip', 'link', 'set', PORT, 'netns', NAMESPACE)
    for argv in (
        ('addr', 'replace', ADDRESS, 'dev', PORT),
        ('link', 'set', PORT, 'up'),
        ('link', 'set', 'lo', 'up'),
    ):
        commands.run('ip', '-n', NAMESPACE, *argv)


def stop():
    """Remove the namespace."""
    if NAMESPACE in commands.run('ip', 'netns', 'list').split():
        commands.run('ip', 'netns', 'del', NAMESPACE)


def _device_exists():
    return f' {PORT}:' in commands.run('ip', '-o', 'link')


def _has_port():
    links = commands.run('ip', '-n', NAMESPACE, '-o', 'link')
    return f' {PORT}:' in links
