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
"""A place inside a tenant's network: a namespace behind a Neutron port.

The caller makes the port (any unbound one, in any network); a program run
with ``ip netns exec NAMESPACE …`` then speaks from it, under the port's
security groups::

    with netns.plugged(port.id, port.mac_address, '10.77.0.50/24') as name:
        commands.run('ip', 'netns', 'exec', name, 'ping', '-c1', guest)
"""

import contextlib

from tests.lab import commands
from tests.lab.cloud import ovn

PREFIX = 'migrate-lab-'


@contextlib.contextmanager
def plugged(port_id, mac, address, namespace=None):
    """Yield the name of a namespace that has the port's MAC and address.

    ``address`` is ADDRESS/PREFIX, ``namespace`` a name to give it. OVN needs
    a moment for its flows: the first packets may be lost.
    """
    device = f'lab{port_id[:11]}'
    namespace = namespace or f'{PREFIX}{port_id[:11]}'
    commands.run('ip', 'netns', 'add', namespace)
    try:
        _plug(port_id, mac, address, device, namespace)
        yield namespace
    finally:
        ovn.vsctl('--if-exists', 'del-port', 'br-int', device, wait=True)
        commands.run('ip', 'netns', 'del', namespace)


def _plug(port_id, mac, address, device, namespace):
    ovn.vsctl(
        'add-port', 'br-int', device,
        '--', 'set', 'interface', device, 'type=internal',
        f'mac="{mac}"', f'external_ids:iface-id={port_id}', wait=True,
    )  # fmt: skip
    commands.run('ip', 'link', 'set', device, 'netns', namespace)
    for argv in (
        ('link', 'set', device, 'address', mac),
        ('addr', 'add', address, 'dev', device),
        ('link', 'set', device, 'up'),
        ('link', 'set', 'lo', 'up'),
    ):
        commands.run('ip', '-n', namespace, *argv)
