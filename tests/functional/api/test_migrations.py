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

"""Migrations: what is refused, what is written, in which order."""

from migrate_service import exceptions
from migrate_service import trusts
from migrate_service.db import models
from migrate_service.db.api import events as events_db
from migrate_service.db.api import heartbeats as heartbeats_db
from migrate_service.db.api import leases
from migrate_service.db.api import ledger as ledger_db
from migrate_service.db.api import logs as logs_db
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import paging
from tests.functional.api import base

MIGRATIONS = '/v1/migrations'


class Keystone:
    """Stands in for ``trusts.Trusts``; looks at the database meanwhile."""

    def __init__(self, context, error=None):
        self.context = context
        self.error = error
        self.seen = []
        self.deleted = []
        self.trusts = []

    def ledger(self):
        return trusts.Trusts.ledger(self)

    def create(self, context, ledger):
        for row in migrations_db.page(self.context, {}, paging.Page()):
            entries = ledger_db.entries(self.context, row.id)
            self.seen.append(
                (row.trust_id, [entry.state for entry in entries])
            )
        if self.error:
            raise self.error
        self.trusts.append(ledger[0]['details']['expires_at'])
        return 'trust-1'

    def delete_unnoted(self, details):
        self.trusts.remove(details['expires_at'])

    def delete(self, context, trust_id):
        self.deleted.append(trust_id)


class TestMigrations(base.TestCase):
    def create(self, *machines, **values):
        """Create a migration of ``vm-1`` in a new source; the response."""
        self.source_id = self.api.ready_source(*machines)
        return self.api.create_migration(self.source_id, **values)

    def created(self, **values):
        """Create a migration, change its row and return its id."""
        response = self.create()
        self.assertEqual(202, response.status_code, response.text)
        id = response.json['migration']['id']
        if values:
            leases.update(self.context, models.Migration, id, values)
        return id

    def act(self, id, action, role='member'):
        return self.api.request('POST', f'{MIGRATIONS}/{id}/{action}', role)

    def keystone(self, error=None):
        """Let trusts be made by a stand-in and return it."""
        keystone = Keystone(self.context, error)
        self.patch(trusts, 'for_strategy', lambda conf: keystone)
        self.api = self.useFixture(base.Api(self.config))
        return keystone

    def rows(self):
        return migrations_db.page(self.context, {}, paging.Page())

    def test_defaults_and_choices_are_shown(self):
        response = self.create(
            convert='none', probe={'tcp_port': 22}, name='web'
        )
        self.assertEqual(202, response.status_code, response.text)
        shown = response.json['migration']
        expected = {
            'name': 'web',
            'machine_name': 'Web vm-1/ä',
            'status': 'accepted',
            'step': None,
            'convert': 'none',
            'verify': 'sample',
            'keep_mac': True,
            'worker': None,
            'attempt': 0,
            'error': None,
            'result': {},
        }
        self.assertEqual(expected, {name: shown[name] for name in expected})
        self.assertEqual(
            {
                'console': None,
                'expect': None,
                'timeout': 600,
                'ping': False,
                'tcp_port': 22,
            },
            shown['probe'],
        )

    def test_bad_choices_are_named(self):
        network = {'source': 'network-1', 'network_id': base.TARGET}
        for values, text in (
            ({'networks': [network | {'network_id': 'x'}]}, 'networks.0'),
            ({'networks': [network, network]}, 'given twice'),
            (
                {'networks': [network, network | {'source': 'n-9'}]},
                'the source has no network n-9',
            ),
            (
                {
                    'volume_types': [
                        {'datastore': 'ds-9', 'volume_type': 'fast'}
                    ]
                },
                'the source has no datastore ds-9',
            ),
            ({'convert': 'magic'}, 'migration.convert: must be one of'),
            ({'bandwidth_limit': 1}, 'migration.bandwidth_limit: must be at'),
            ({'probe': {'tcp_port': 0}}, 'migration.probe.tcp_port'),
            ({'metadata': {'a': 1}}, 'migration.metadata.a: must be of type'),
            ({'kind': 'hot'}, 'migration.kind: must be one of cold, warm'),
        ):
            response = self.create(**values)
            self.assert_error(response, 400, 'migration.bad_request', text)
        self.assertEqual([], self.rows())

    def test_what_cannot_be_moved_is_refused(self):
        for machine, code in (
            (base.machine(disk={'kind': 'rdm'}), 'machine.disk_unsupported'),
            (
                base.machine(disk={'encrypted': True}),
                'machine.disk_unsupported',
            ),
            (
                base.machine(disk={'sharing': 'sharingMultiWriter'}),
                'machine.disk_unsupported',
            ),
            (base.machine(template=True), 'machine.unsupported'),
            (base.machine(encrypted=True), 'machine.unsupported'),
            (base.machine(disks=[]), 'machine.unsupported'),
            (base.machine(power_state='suspended'), 'machine.unsupported'),
            (
                base.machine(connection_state='orphaned'),
                'machine.unsupported',
            ),
        ):
            self.assert_error(self.create(machine), 400, code)
        self.assertEqual([], self.rows())

    def test_a_network_without_a_target_is_named(self):
        response = self.create(networks=[])
        self.assert_error(
            response, 400, 'migration.network_unmapped', 'VM Network'
        )

    def test_an_unknown_machine_or_source(self):
        response = self.create(machine_id='vm-9')
        self.assert_error(response, 404, 'machine.not_found', 'vm-9')
        response = self.api.create_migration(base.TARGET)
        self.assert_error(response, 404, 'migration.not_found', 'source')

    def test_a_source_that_is_not_ready(self):
        response = self.api.create_migration(self.api.create_source())
        self.assert_error(response, 409, 'source.not_ready', 'verifying')

    def test_a_machine_is_moved_once_at_a_time(self):
        id = self.created()
        response = self.api.create_migration(self.source_id)
        self.assert_error(response, 409, 'migration.machine_in_use', id)

    def test_an_administrator_moves_nothing_between_projects(self):
        source_id = self.api.ready_source()
        body = {
            'migration': {
                'source_id': source_id,
                'machine_id': 'vm-1',
                'networks': [],
            }
        }
        response = self.api.request(
            'POST', MIGRATIONS, 'admin', 'admins', json=body
        )
        self.assert_error(response, 404, 'migration.not_found')

    def test_the_ledger_knows_of_the_trust_before_keystone_does(self):
        keystone = self.keystone()
        response = self.create()
        self.assertEqual([(None, ['intended'])], keystone.seen)
        id = response.json['migration']['id']
        (entry,) = ledger_db.entries(self.context, id)
        self.assertEqual(
            ('trust', 'present', 'trust-1'),
            (entry.kind, entry.state, entry.resource_id),
        )
        (row,) = self.rows()
        self.assertEqual('trust-1', row.trust_id)

    def test_cancel_finds_the_trust_of_an_api_that_died(self):
        keystone = self.keystone()

        def die(*args):
            raise KeyboardInterrupt

        self.patch(migrations_db, 'trusted', die)
        self.assertRaises(KeyboardInterrupt, self.create)
        (row,) = self.rows()
        self.assertIsNone(row.trust_id)
        self.assertEqual(1, len(keystone.trusts))
        self.assertEqual(202, self.act(row.id, 'cancel').status_code)
        self.assertEqual([], keystone.trusts)

    def test_without_a_trust_nothing_remains(self):
        self.keystone(exceptions.TrustRefused(reason='No.'))
        self.assert_error(self.create(), 403, 'migration.trust_refused')
        self.assertEqual([], self.rows())

    def test_a_trust_that_cannot_be_noted_is_deleted(self):
        def broken(*args):
            raise RuntimeError

        keystone = self.keystone()
        self.patch(migrations_db, 'trusted', broken)
        self.assertEqual(500, self.create().status_code)
        self.assertEqual(['trust-1'], keystone.deleted)
        self.assertEqual([], self.rows())

    def test_a_cancellation_is_an_intent(self):
        id = self.created()
        response = self.act(id, 'cancel')
        self.assertEqual(202, response.status_code)
        shown = response.json['migration']
        self.assertEqual('accepted', shown['status'])
        self.assertIsNotNone(shown['cancel_requested_at'])

    def test_a_second_cancellation_changes_nothing(self):
        id = self.created(status='cancelling')
        self.assertEqual(202, self.act(id, 'cancel').status_code)
        row = migrations_db.get(self.context, id)
        self.assertIsNone(row.cancel_requested_at)

    def test_what_has_ended_is_not_cancelled(self):
        for status in ('completed', 'cancelled'):
            id = self.created(status=status)
            self.assert_error(
                self.act(id, 'cancel'),
                409,
                'migration.invalid_transition',
                status,
            )

    def test_only_an_error_is_retried(self):
        id = self.created(status='running')
        self.assert_error(
            self.act(id, 'retry'), 409, 'migration.invalid_transition'
        )
        id = self.created(status='error', step='convert')
        self.assertEqual(202, self.act(id, 'retry').status_code)

    def test_a_cancelled_migration_is_not_retried(self):
        for values in (
            {'step': 'convert', 'cancel_requested_at': models.now()},
            {'step': 'remove_created'},
        ):
            id = self.created(status='error', **values)
            self.assert_error(
                self.act(id, 'retry'), 409, 'migration.retry_after_cancel'
            )

    def test_a_record_is_deleted_at_the_end(self):
        id = self.created()
        path = f'{MIGRATIONS}/{id}'
        response = self.api.request('DELETE', path, 'member')
        self.assert_error(response, 409, 'migration.not_ended')
        leases.update(
            self.context, models.Migration, id, {'status': 'completed'}
        )
        response = self.api.request('DELETE', path, 'member')
        self.assertEqual(204, response.status_code)

    def test_lists_are_filtered(self):
        id = self.created(status='running')
        self.created(status='error')
        body = self.api.request('GET', f'{MIGRATIONS}?status=running').json
        self.assertEqual([id], [row['id'] for row in body['migrations']])

    def test_progress_has_totals(self):
        disk = {'key': 'a', 'size': 4000, 'copied': 250, 'rate': 50.0}
        disk['total'] = 1000
        other = {'key': 'b', 'size': 1000, 'copied': 1000, 'rate': None}
        id = self.created(progress={'disks': [disk, other]})
        shown = self.api.request('GET', f'{MIGRATIONS}/{id}').json
        progress = shown['migration']['progress']
        self.assertEqual(
            (62, 1250, 2000, 50.0, 15),
            (
                progress['percent'],
                progress['bytes_copied'],
                progress['bytes_total'],
                progress['rate'],
                progress['seconds_left'],
            ),
        )

    def test_only_administrators_see_the_worker(self):
        id = self.created(worker='node-1')
        for role, worker in (('manager', None), ('admin', 'node-1')):
            shown = self.api.request('GET', f'{MIGRATIONS}/{id}', role).json
            self.assertEqual(worker, shown['migration']['worker'])

    def test_events_log_and_manifest(self):
        id = self.created(worker='w', attempt=1)
        migrations_db.transition(
            self.context, id, {}, {'event': 'done', 'status': 'running'}
        )
        for text in ('one', 'two'):
            logs_db.append(
                self.context, id, 'w', 1, step='s', tool='t', text=text
            )
        hashes = b'\1' * 32 + bytes(32)
        report = {'kind': 'migration', 'id': id, 'attempt': 1, 'values': {}}
        report['disks'] = {'2000': {0: hashes}}
        heartbeats_db.store(self.context, 'w', [report], models.now())
        path = f'{MIGRATIONS}/{id}'
        events = self.api.request('GET', f'{path}/events?limit=1').json
        self.assertEqual(
            ['created'], [event['event'] for event in events['events']]
        )
        url = events['events_links'][0]['href']
        following = self.api.request('GET', url).json['events']
        self.assertEqual(['done'], [event['event'] for event in following])
        log = self.api.request('GET', f'{path}/log?step=s').json['log']
        self.assertEqual('onetwo', ''.join(piece['text'] for piece in log))
        manifest = self.api.request('GET', f'{path}/manifest').json
        self.assertEqual(
            [{'key': '2000', 'hashes': ['01' * 32, None]}],
            manifest['manifest']['disks'],
        )
        events = events_db.page(self.context, id, paging.Page(sort_key='id'))
        self.assertEqual('member-of-project-a', events[0].user_id)
