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
"""What the scenarios share: users, waiting, and a picture of the world."""

import pathlib
import unittest

from openstack import utils

from tests.lab import service
from tests.lab.service import config
from tests.lab.service import tenants
from tests.lab.vcenter import control

#: Programs that a node runs for a migration, and nobody else in the lab
#: outside of libvirt's own domains.
TOOLS = ('nbdkit', 'qemu-nbd', 'virt-v2v-in-pl', 'guestfsd')


class Scenario(unittest.TestCase):
    """A test with the lab's users and its vCenter."""

    #: Quick to move: two small disks without an operating system.
    machine = 'tiny-2'

    def setUp(self):
        super().setUp()
        self.admin = tenants.connect('admin')
        self.manager = tenants.connect('manager-a')
        self.member = tenants.connect('member-a')
        self.vcenter = control.Vcenter()
        self.vcenter.knobs()
        self.source = tenants.vcenter_source(self.manager)
        self.assertEqual('ready', self.source.status, self.source.error)
        self.addCleanup(self.vcenter.knobs)
        self.open_doors()
        self.addCleanup(self.open_doors)

    def close_door(self, step, how):
        """Let the nodes ``hold`` or ``fail`` when ``step`` is done.

        Or ``pretend`` a conversion, see ``tests.lab.service.node``.
        """
        (config.DOORS / step).write_text(how)

    def open_door(self, step):
        (config.DOORS / step).unlink()

    def open_doors(self):
        for door in config.DOORS.iterdir():
            door.unlink()

    def reset(self, machine):
        """Put the machine back as it was built: disks, power, snapshots."""
        self.vcenter.reset(machine)

    def attributes(self, machine=None, **options):
        """Return the body of a migration of ``machine``."""
        machine = self.member.migration.find_machine(
            machine or self.machine, self.source, ignore_missing=False
        )
        return {
            'source_id': self.source.id,
            'machine_id': machine.id,
            'networks': tenants.machine_networks(
                self.member, self.source, machine
            ),
            'volume_type': 'lab-nfs',
            'probe': {'console': False},
            'acceptance': 'auto',
        } | options

    def move(self, machine=None, **options):
        """Ask for a migration as member-a, and see that it ends clean."""
        migration = self.member.migration.create_migration(
            **self.attributes(machine, **options)
        )
        self.addCleanup(self.clean_up, migration.id)
        return migration

    def clean_up(self, migration_id):
        """Cancel what is not ended, remove what was made, forget it."""
        self.open_doors()
        migration = self.get(migration_id)
        if migration.status not in ('completed', 'cancelled'):
            if migration.status != 'cancelling':
                self.member.migration.cancel_migration(migration_id)
            migration = self.wait(migration_id, 'cancelled')
        elif migration.status == 'completed' and migration.result:
            tenants.remove_server(self.member, migration.result['server_id'])
        self.member.migration.delete_migration(migration_id)

    def get(self, migration_id):
        return self.member.migration.get_migration(migration_id)

    def wait(self, migration_id, *statuses, step=None, seconds=240):
        """Return the migration once it has one of ``statuses``.

        With ``step``, once it is at that step too.
        """
        migration = None
        try:
            for _ in utils.iterate_timeout(seconds, 'too late', wait=0.3):
                migration = self.get(migration_id)
                if migration.status in statuses and step in (
                    None,
                    migration.step,
                ):
                    return migration
                if migration.status == 'error' and not (
                    migration.cancel_requested_at
                    or migration.retry_requested_at
                ):
                    break
        except utils.exceptions.ResourceTimeout:
            pass
        return self.fail(
            f'{migration.status} at {migration.step}, not {statuses}: '
            f'{migration.error}; {self.history(migration_id)}'
        )

    def wait_event(self, migration_id, event, step, seconds=240):
        """Return once the event of that step was recorded."""
        for _ in utils.iterate_timeout(seconds, f'no {event}', wait=0.3):
            if (event, step) in self.history(migration_id):
                return

    def history(self, migration_id):
        """Return ``[(event, step)]`` of a migration, oldest first."""
        events = self.member.migration.migration_events(migration_id)
        return [(event.event, event.step) for event in events]

    def at_door(self, migration_id, step, seconds=240):
        """Return once the work of ``step`` is done and held at its door."""
        for _ in utils.iterate_timeout(seconds, f'not at {step}', wait=0.2):
            if (config.DOORS / f'{step}.reached').exists():
                return
            migration = self.get(migration_id)
            if migration.status == 'error':
                self.fail(f'{migration.error}')

    def world(self):
        """Return what exists on both sides and on the nodes, comparable."""
        project = self.member.current_project_id
        return {
            'servers': ids(self.member.compute.servers()),
            'volumes': ids(self.member.block_storage.volumes()),
            'attachments': sorted(
                one['id']
                for one in self.member.block_storage.get(
                    '/attachments',
                    headers={'OpenStack-API-Version': 'volume 3.54'},
                ).json()['attachments']
            ),
            'volume snapshots': ids(self.member.block_storage.snapshots()),
            'ports': ids(
                port
                for port in self.admin.network.ports(project_id=project)
                if not port.device_owner.startswith('network:')
            ),
            'trusts': ids(self.admin.identity.trusts()),
            'machines': {
                name: (vm['power_state'], vm['snapshots'])
                for name, vm in self.vcenter.vms().items()
            },
            'processes': tools(),
            'files': sorted(
                str(path)
                for name in service.NODES
                for path in (config.FOLDER / f'work-{name}').rglob('*')
            ),
        }


def ids(resources):
    return sorted(resource.id for resource in resources)


def tools():
    """Return the names of tools that run below a node."""
    nodes = [service.node(name) for name in service.NODES]
    found = []
    for pid in {pid for node in nodes for pid in descendants(node)}:
        try:
            name = pathlib.Path(f'/proc/{pid}/comm').read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name in TOOLS or name.startswith('qemu'):
            found.append(name)
    return sorted(found)


def descendants(daemon):
    """Return the pids below the process of a daemon."""
    parents = {}
    for entry in pathlib.Path('/proc').iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / 'stat').read_text().rpartition(')')[2]
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents[int(entry.name)] = int(stat.split()[1])
    found = set(daemon.session())
    while True:
        more = {pid for pid, parent in parents.items() if parent in found}
        if more <= found:
            return found
        found |= more
