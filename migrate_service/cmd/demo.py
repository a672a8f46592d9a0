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

"""The first look: three fake machines and a fake cloud."""

from migrate_service.drivers.fake import folder
from migrate_service.drivers.fake import machines

MIB = 1024**2
MACHINES = {'web': (64 * MIB,), 'db': (64 * MIB, 256 * MIB), 'mail': (MIB,)}

HELP = """
Nobody authenticates here: requests say who they are. For example

  H='-H X-User-Id:me -H X-Project-Id:mine -H X-Roles:manager,member'
  J='-H Content-Type:application/json'
  curl -s $H $J {url}/v1/sources -d '{{"source": {{"name": "fake",
    "driver": "fake", "address": "vcenter.test", "username": "me",
    "password": "secret"}}}}'
  curl -s $H {url}/v1/sources/SOURCE/machines
  curl -s $H $J {url}/v1/migrations -d '{{"migration": {{
    "source_id": "SOURCE", "machine_id": "vm-web", "networks":
    [{{"source": "network-1",
       "network_id": "11111111-1111-4111-8111-111111111111"}}]}}}}'
  curl -s $H {url}/v1/migrations

The password "wrong" and the address "unreachable.test" are refused, a flavor
"missing" is not found. Machines and cloud are the files in {directory}.
End with Ctrl-C.
"""


def configure(conf, state):
    """Set what the demonstration needs, against what files say."""
    conf.set_override('auth_strategy', 'noauth', 'api')
    conf.set_override('enabled_drivers', ['fake'], 'api')
    conf.set_override('destination', 'fake', 'worker')
    conf.set_override('directory', str(state / 'fake'), 'fake')
    conf.set_override('heartbeat_interval', 2, 'worker')


def show(conf, url):
    """Make the machines that are missing, and tell what can be done."""
    state = folder.Folder(conf.fake.directory)
    for name, sizes in MACHINES.items():
        if not state.get('machines', f'vm-{name}'):
            machines.add(state, name, sizes=sizes)
    print(HELP.format(url=url, directory=conf.fake.directory), flush=True)
