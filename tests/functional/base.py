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

"""Conductors and workers in this process, between fake ends."""

import uuid

import testtools
from werkzeug import test

from migrate_service import exceptions
from migrate_service import secret_store
from migrate_service import states
from migrate_service.api import app
from migrate_service.db.api import events as events_db
from migrate_service.db.api import ledger as ledger_db
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import paging
from migrate_service.db.api import sources as sources_db
from migrate_service.drivers.fake import destination
from migrate_service.drivers.fake import machines
from migrate_service.worker import manager as worker_manager
from tests import fixtures

MIB = 1024**2
SETTLED = (*states.ENDED, states.ERROR, states.WAITING)


HEADERS = {
    'X-User-Id': 'user-a',
    'X-Project-Id': 'project-a',
    'X-Roles': 'manager,member,reader',
}
NETWORK = '11111111-1111-4111-8111-111111111111'


class Refused(Exception):
    """The API answered with an error."""

    def __init__(self, response):
        self.status = response.status_code
        body = response.get_json(silent=True) or {}
        self.code = body.get('errors', [{}])[0].get('code')
        super().__init__(body.get('message'))


class DoorFailed(exceptions.StepFailed):
    """What a test asked for."""

    code = 'test.door'
    template = 'The step %(step)s failed as the test asked for.'


class TestCase(testtools.TestCase):
    """Starts ``conductors`` and ``workers``; has what flows are made of."""

    conductors = 1
    workers = 1
    #: ``{(group, option): value}`` on top of ``fixtures.Config``.
    options: dict = {}

    def setUp(self):
        super().setUp()
        self.config = self.useFixture(fixtures.Config())
        for (group, name), value in self.options.items():
            self.config.set(name, value, group)
        self.conf = self.config.conf
        self.doors = {}
        self.patch(worker_manager, 'function_of', self._with_door)
        secret_store.create_key(self.conf.secrets.key_directory)
        self.service = self.useFixture(
            fixtures.Service(self.config, self.conductors, self.workers)
        )
        self.clouds = self.service.clouds
        self.api = test.Client(app.create(self.conf))
        self.context = fixtures.context()
        self.addCleanup(self.doors.clear)

    _function_of = staticmethod(worker_manager.function_of)

    def _with_door(self, work):
        """Return the step of a lease, followed by its door."""
        run = self._function_of(work)

        def run_then_stop(work):
            outcome = run(work)
            if work.step in self.doors:
                self.doors[f'{work.step}.reached'] = True
            while self.doors.get(work.step) == 'hold':
                work.sleep(0.05)
            if self.doors.get(work.step) == 'fail':
                raise DoorFailed(step=work.step)
            return outcome

        return run_then_stop

    def wait_for_door(self, step):
        """Return when a worker has done all of a step but told nobody."""
        self.wait_for(
            lambda: self.doors.get(f'{step}.reached'), f'the door of {step}'
        )

    def wait_for(self, condition, what='the condition'):
        try:
            return fixtures.wait_for(condition, what)
        except fixtures.Condition as error:
            raise fixtures.Condition(f'{error}\n{self.story()}') from None

    def story(self):
        """Return the events of all migrations, for messages of failures."""
        rows = migrations_db.page(
            self.context, {}, paging.Page(sort_key='created_at')
        )
        return '\n'.join(
            f'{row.id[:8]} {event.event} {event.status} {event.step} '
            f'{event.attempt} {event.worker}: {event.message}'
            for row in rows
            for event in self.events(row.id)
        )

    def request(self, method, path, body=None):
        """Ask the API as the user; return the JSON of the answer.

        :raises Refused: the answer is an error.
        """
        response = self.api.open(
            f'/v1{path}', method=method, json=body, headers=HEADERS
        )
        if response.status_code >= 400:
            raise Refused(response)
        return response.get_json(silent=True)

    def create_source(self, password='secret', address='vcenter.test'):
        """Create a source and return its id; it is verified soon."""
        source = {
            'name': 'vcenter',
            'driver': 'fake',
            'address': address,
            'username': 'user',
            'password': password,
        }
        answer = self.request('POST', '/sources', {'source': source})
        return answer['source']['id']

    def source(self, id):
        return sources_db.get(self.context, id)

    def ready_source(self):
        """Create a source, wait until it is ready, return its id."""
        id = self.create_source()
        self.wait_for(
            lambda: self.source(id).status == 'ready', 'a ready source'
        )
        return id

    def add_machine(self, name='web', **values):
        """Make a machine of the source; return it.

        Ready sources know it from their verification, others after a refresh.
        """
        return machines.add(self.clouds, name, **values)

    def create(self, source_id, machine, **options):
        """Create a migration and return its id.

        :raises Refused: the API does not take it.
        """
        migration = {
            'source_id': source_id,
            'machine_id': machine.key,
            'networks': [{'source': 'network-1', 'network_id': NETWORK}],
            'acceptance': 'auto',
        }
        answer = self.request(
            'POST', '/migrations', {'migration': migration | options}
        )
        return answer['migration']['id']

    def create_without_trust(self, source_id, machine):
        """Leave what an API leaves that dies while it makes the trust."""
        id = str(uuid.uuid4())
        values = {
            'id': id,
            'project_id': 'project-a',
            'user_id': 'user-a',
            'name': machine.name,
            'kind': 'cold',
            'source_id': source_id,
            'machine_id': machine.key,
            'machine_name': machine.name,
            'in_use': f'{source_id}/{machine.key}',
            'status': 'accepted',
        }
        trust = {'kind': 'trust', 'key': 'trust', 'state': 'intended'}
        migrations_db.create(self.context, values, [trust])
        return id

    def cancel(self, id):
        self.request('POST', f'/migrations/{id}/cancel')

    def retry(self, id):
        self.request('POST', f'/migrations/{id}/retry')

    def cut_over(self, id, at=None):
        body = {'cutover': {'at': at.isoformat()} if at else {}}
        self.request('POST', f'/migrations/{id}/cutover', body)

    def sync(self, id):
        self.request('POST', f'/migrations/{id}/sync')

    def accept(self, id):
        self.request('POST', f'/migrations/{id}/accept')

    def roll_back(self, id, **values):
        self.request(
            'POST', f'/migrations/{id}/rollback', {'rollback': values}
        )

    def migration(self, id):
        return migrations_db.get(self.context, id)

    def wait_for_status(self, id, *statuses):
        """Return the migration when it has one of the statuses."""

        def has_it():
            row = self.migration(id)
            if row.status in SETTLED and row.status not in statuses:
                wished = (
                    row.cancel_requested_at
                    or row.retry_requested_at
                    or row.status == states.WAITING
                )
                if not wished:
                    raise fixtures.Condition(
                        f'{row.status}: {row.error}\n{self.story()}'
                    )
            return row if row.status in statuses else None

        return self.wait_for(has_it, f'{statuses} of {id}')

    def events(self, id):
        return events_db.page(self.context, id, paging.Page(sort_key='id'))

    def event_names(self, id):
        return [event.event for event in self.events(id)]

    def left(self, id):
        """Return ``(kind, key)`` of the ledger entries not removed."""
        return [
            (entry.kind, entry.key)
            for entry in ledger_db.entries(self.context, id)
            if entry.state not in ledger_db.SETTLED
        ]

    def inventory_of_clouds(self):
        """Return all that exists on both ends, and the power states."""
        root = self.clouds.root
        return {
            'cloud': sorted(
                str(path.relative_to(root))
                for path in root.glob('cloud/*/*.json')
            ),
            'volumes': sorted(path.name for path in root.glob('volumes/*')),
            'power': {
                key: self.clouds.get('machines', key)['power_state']
                for key in self.clouds.names('machines')
            },
            'workdirs': sorted(
                str(path) for path in self.config.root.glob('work/*/*')
            ),
        }

    def assert_copied(self, row, machine):
        """Assert that each volume holds its disk, and zeros behind it."""
        ends = destination.FakeDestination(self.clouds, 'project-a')
        for disk, volume_id in zip(
            machine.disks, row.result['volume_ids'], strict=True
        ):
            source = machines.content(self.clouds, machine, disk).read_bytes()
            with open(ends.volume_path(volume_id), 'rb') as volume:
                self.assertEqual(source, volume.read(disk.size))
                self.assertEqual(b'', volume.read(MIB).strip(b'\0'))
