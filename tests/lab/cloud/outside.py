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
from tests.lab.cloud import ovn

NAMESPACE = 'migrate-lab-outside'
PORT = 'lab-outside'
#: The gateway of tests.lab.cloud.tenants.EXTERNAL.
ADDRESS = '198.51.100.1/24'


def start():
    """Ensure the namespace and its port."""
    if NAMESPACE not in commands.run('ip', 'netns', 'list').split():
        commands.run('ip', 'netns', 'add', NAMESPACE)
    port = _port()
    if 'LOWER_UP' in port:
        return
    if port:
        # A switch that was killed leaves its port behind, and dead.
        _ip('link', 'del', PORT)
    ovn.vsctl('--if-exists', 'del-port', 'br-ex', PORT, wait=True)
    ovn.vsctl(
        'add-port', 'br-ex', PORT,
        '--', 'set', 'interface', PORT, 'type=internal', wait=True,
    )  # fmt: skip
    commands.run('ip', 'link', 'set', PORT, 'netns', NAMESPACE)
    _ip('addr', 'replace', ADDRESS, 'dev', PORT)
    _ip('link', 'set', PORT, 'up')
    _ip('link', 'set', 'lo', 'up')


def stop():
    """Remove the namespace."""
    if NAMESPACE in commands.run('ip', 'netns', 'list').split():
        commands.run('ip', 'netns', 'del', NAMESPACE)


def _ip(*argv):
    return commands.run('ip', '-n', NAMESPACE, *argv)


def _port():
    """Return the port's line of ``ip link``, or ''."""
    lines = _ip('-o', 'link').splitlines()
    return next((line for line in lines if f' {PORT}:' in line), '')
