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

"""The cutover of idle Linux guests in the lab, by the recorded timings."""

from tests.lab.service import move
from tests.lab.service import tenants
from tests.lab.vcenter import control

#: Machines of the lab, by the conversion that they need.
MACHINES = {'none': 'db-virtio', 'minimal': 'web-bios'}

#: Parts between the source verified off and the server on.
INSIDE = ('delta', 'verify', 'convert', 'create')


def measure():
    """Return ``{conversion: {part: seconds, 'seconds': sum}}``.

    The sum is from the source verified off to the server on: without the
    guest's shutdown and its boot, and without what lies between two steps,
    which the recorded total has. The lab must be up.
    """
    found = {}
    for conversion, machine in MACHINES.items():
        parts = _cut_over(machine, conversion)
        inside = sum(parts.get(name) or 0 for name in INSIDE)
        found[conversion] = parts | {'seconds': round(inside, 3)}
        print(f'\ncutover, {conversion}: {found[conversion]}', flush=True)
    return found


def _cut_over(machine, conversion):
    """Move an idle machine warm; return its downtime by part."""
    manager = tenants.connect('manager-a')
    member = tenants.connect('member-a')
    move.put_back(member, control.Vcenter(), machine)
    source = tenants.vcenter_source(manager)
    asked = move.parse_arguments(
        ['--warm', '--idle', f'--machine={machine}', f'--convert={conversion}']
    )
    id = move.migrate(member, source, asked)
    if not id or not move.rounds_and_cutover(id):
        raise SystemExit(f'{machine} was not moved')
    return member.migration.get_migration(id).downtime
