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

"""What the queries promise, on every server."""

import datetime
from concurrent import futures

from migrate_service import context as migrate_context
from migrate_service import exceptions
from migrate_service.db import models
from migrate_service.db.api import claims as claims_db
from migrate_service.db.api import events as events_db
from migrate_service.db.api import heartbeats as heartbeats_db
from migrate_service.db.api import leases
from migrate_service.db.api import ledger as ledger_db
from migrate_service.db.api import logs as logs_db
from migrate_service.db.api import manifests as manifests_db
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import orders as orders_db
from migrate_service.db.api import paging
from migrate_service.db.api import workers as workers_db
from tests.functional.db import base

EVERYTHING = paging.Page(sort_key='name')


class Queries:
    """Mixin; each back end runs them all."""

    def setUp(self):
        super().setUp()
        self.source = self.create_source()

    def claimed(self, number=0):
        """Insert a migration that ``worker-a`` holds at attempt 1."""
        return migrations_db.claim(
            self.context,
            self.create_migration(self.source, number),
            'worker-a',
            self.soon(),
        )

    def beat(self, *reports):
        """Send a heartbeat of ``worker-a``: rows, attempts, chunks."""
        return heartbeats_db.store(
            self.context,
            'worker-a',
            [
                {
                    'kind': 'migration',
                    'id': row.id,
                    'attempt': attempt,
                    'values': {'progress': {'a': 'b'}},
                    'disks': {'2000': chunks},
                }
                for row, attempt, chunks in reports
            ],
            self.soon() + datetime.timedelta(minutes=5),
        )

    def soon(self):
        return self.now() + datetime.timedelta(minutes=5)

    def test_a_claim_counts_and_begins(self):
        row = self.claimed()
        self.assertEqual(
            ('running', 'inspect', 'worker-a', 1, 1),
            (
                row.status,
                row.step,
                row.worker,
                row.attempt,
                row.step_attempts,
            ),
        )

    def test_only_one_claim_of_a_candidate_wins(self):
        free = self.create_migration(self.source)
        migrations_db.claim(self.context, free, 'worker-a', self.soon())
        self.assertRaises(
            exceptions.LeaseLost,
            migrations_db.claim,
            self.context,
            free,
            'worker-b',
            self.soon(),
        )

    def test_a_migration_without_trust_is_no_candidate(self):
        row = self.create_migration(self.source, trust_id=None)
        find = claims_db.candidates
        self.assertEqual([], find(self.context, self.now()))
        migrations_db.trusted(self.context, row.id, 'trust-1')
        self.assertEqual(1, len(find(self.context, self.now())))

    def test_what_was_cancelled_takes_no_trust(self):
        row = self.create_migration(
            self.source, trust_id=None, status='cancelled'
        )
        self.assertRaises(
            exceptions.InvalidTransition,
            migrations_db.trusted,
            self.context,
            row.id,
            'trust-1',
        )
        row = migrations_db.get(self.context, row.id)
        self.assertIsNone(row.trust_id)

    def test_a_delayed_migration_is_no_candidate(self):
        self.create_migration(self.source, not_before=self.soon())
        self.assertEqual([], claims_db.candidates(self.context, self.now()))

    def test_a_busy_source_still_gives_rollbacks(self):
        self.create_migration(self.source, 1)
        rollback = self.create_migration(
            self.source, 2, status='cancelling', step='stop_server'
        )
        found = claims_db.candidates(
            self.context, self.now(), busy_sources=[self.source.id]
        )
        self.assertEqual([rollback.id], [row.id for row in found])

    def test_a_busy_project_leaves_the_turn_to_others(self):
        self.create_migration(self.source, 1)
        rollback = self.create_migration(
            self.source, 2, status='cancelling', step='stop_server'
        )
        other = self.create_migration(self.source, 3, project_id='project-b')
        found = claims_db.candidates(
            self.context, self.now(), busy_projects=['project-a']
        )
        self.assertEqual({rollback.id, other.id}, {row.id for row in found})

    def test_turns_go_round_among_projects(self):
        """Who asked first, and for most, gets no more than the others."""
        for number in range(4):
            self.create_migration(self.source, number)
        for number in range(4, 6):
            self.create_migration(self.source, number, project_id='project-b')
        find = claims_db.candidates
        self.assertEqual(
            ['vm-0', 'vm-4', 'vm-1', 'vm-5', 'vm-2', 'vm-3'],
            [row.machine_id for row in find(self.context, self.now())],
        )
        found = find(
            self.context, self.now(), shares={'project-a': 2}, limit=3
        )
        self.assertEqual(
            ['vm-4', 'vm-5', 'vm-0'], [row.machine_id for row in found]
        )

    def test_a_transition_and_its_event_come_together(self):
        row = self.claimed()
        event = {'event': 'fail', 'status': 'error'}
        self.assertRaises(
            exceptions.LeaseLost,
            migrations_db.transition,
            self.context,
            row.id,
            {'status': 'error'},
            event,
            worker='worker-a',
            attempt=7,
        )
        migrations_db.transition(
            self.context,
            row.id,
            {'status': 'error'},
            event,
            worker='worker-a',
            attempt=1,
        )
        events = events_db.page(
            self.context, row.id, paging.Page(sort_key='id')
        )
        self.assertEqual(
            ['created', 'fail'], [event.event for event in events]
        )

    def test_a_zombie_writes_nothing(self):
        row = self.claimed()
        old = ('worker-a', row.attempt - 1)
        entry = {'kind': 'volume', 'key': '2000', 'state': 'intended'}
        for write in (
            lambda: ledger_db.record(self.context, row.id, *old, entry),
            lambda: logs_db.append(
                self.context, row.id, *old, step='a', tool='b', text='c'
            ),
        ):
            self.assertRaises(exceptions.LeaseLost, write)
        self.assertEqual([], ledger_db.entries(self.context, row.id))
        other = self.claimed(1)
        lost = self.beat((row, 0, {0: b'x'}), (other, 1, {0: b'y'}))
        self.assertEqual([('migration', row.id)], lost)
        stored = [
            manifests_db.chunks(self.context, one.id) for one in (row, other)
        ]
        self.assertEqual([0, 1], [len(chunks) for chunks in stored])
        row, other = (
            migrations_db.get(self.context, one.id) for one in (row, other)
        )
        self.assertEqual(({}, 'b'), (row.progress, other.progress['a']))
        self.assertGreater(other.lease_expires_at, row.lease_expires_at)

    def test_a_machine_is_moved_once_at_a_time(self):
        first = self.create_migration(self.source)
        error = self.assertRaises(
            exceptions.MachineInUse, self.create_migration, self.source
        )
        self.assertEqual(first.id, error.kwargs['migration'])
        leases.update(
            self.context, models.Migration, first.id, {'in_use': None}
        )
        self.create_migration(self.source)

    def test_the_ledger_keeps_what_it_learnt(self):
        row = self.claimed()
        entry = {'kind': 'volume', 'key': '2000'}
        for more in (
            {'state': 'intended', 'details': {'size': 1}},
            {'state': 'present', 'resource_id': 'volume-1'},
            {'state': 'removed'},
        ):
            ledger_db.record(self.context, row.id, 'worker-a', 1, entry | more)
        (found,) = ledger_db.entries(self.context, row.id)
        self.assertEqual(
            ('removed', 'volume-1', {'size': 1}),
            (found.state, found.resource_id, found.details),
        )

    def test_logs_keep_the_oldest(self):
        row = self.claimed()
        self.patch(logs_db, 'LIMIT', 10)
        for text in ('1234567', 'abcdefg', 'more'):
            logs_db.append(
                self.context,
                row.id,
                'worker-a',
                1,
                step='convert',
                tool='v2v',
                text=text,
            )
        pieces = logs_db.page(
            self.context, row.id, {}, paging.Page(sort_key='id')
        )
        self.assertEqual(
            '1234567abc' + logs_db.TRUNCATED,
            ''.join(piece.text for piece in pieces),
        )

    def test_manifest_chunks_are_replaced(self):
        row = self.claimed()
        for chunks in ({0: b'old', 1: b'one'}, {0: b'new', 2: b'two'}):
            self.assertEqual([], self.beat((row, 1, chunks)))
        found = manifests_db.chunks(self.context, row.id)
        self.assertEqual(
            [b'new', b'one', b'two'], [row.hashes for row in found]
        )

    def test_a_migration_that_has_not_ended_stays(self):
        row = self.create_migration(self.source)
        self.assertRaises(
            exceptions.MigrationNotEnded,
            migrations_db.delete,
            self.context,
            row.id,
        )

    def test_intents_are_written_where_they_are_allowed(self):
        row = self.create_migration(self.source)
        self.assertRaises(
            exceptions.InvalidTransition,
            migrations_db.request_retry,
            self.context,
            row.id,
            self.now(),
        )
        self.assertTrue(
            migrations_db.request_cancel(self.context, row.id, self.now())
        )
        (found,) = orders_db.intended(self.context, models.now())
        self.assertEqual(row.id, found.id)

    def test_pages_follow_each_other(self):
        for number, name in enumerate(['b', 'a', 'b', 'c', 'a']):
            self.create_migration(self.source, number, name=name)
        for descending in (False, True):
            names, marker = [], None
            while len(names) < 5:
                page = paging.Page(
                    limit=2,
                    marker=marker,
                    sort_key='name',
                    descending=descending,
                )
                rows = migrations_db.page(self.context, {}, page)
                names += [row.name for row in rows]
                marker = rows[-1].id
            self.assertEqual(sorted('baabc', reverse=descending), names)

    def test_a_new_worker_and_a_new_incarnation_are_noticed(self):
        values = {'incarnation': 'one', 'version': '1'}
        _row, before = workers_db.seen(self.context, 'worker-a', values)
        self.assertIsNone(before)
        row, before = workers_db.seen(
            self.context, 'worker-a', values | {'incarnation': 'two'}
        )
        self.assertEqual(('one', 'two'), (before, row.incarnation))

    def test_an_exact_instant_comes_back(self):
        instant = datetime.datetime(2026, 11, 21, 6, 7, 8, 123456)
        row = self.create_migration(self.source, not_before=instant)
        found = migrations_db.get(self.context, row.id)
        self.assertEqual(instant, found.not_before)

    def test_a_text_beyond_64_kib_comes_back(self):
        row = self.claimed()
        text = 'ä' * 65536
        logs_db.append(
            self.context,
            row.id,
            'worker-a',
            1,
            step='convert',
            tool='v2v',
            text=text,
        )
        (piece,) = logs_db.page(
            self.context, row.id, {}, paging.Page(sort_key='id')
        )
        self.assertEqual(text, piece.text)

    def test_rivals_claim_each_row_once_a_round(self):
        count = 200 if self.backend != 'sqlite' else 20
        for number in range(count):
            self.create_migration(self.source, number)
        with futures.ThreadPoolExecutor(8) as pool:
            claims = [
                claim
                for claimed in pool.map(self.claim_all, range(8))
                for claim in claimed
            ]
        self.assertEqual(count, len(claims))
        self.assertEqual(count, len(set(claims)))

    def claim_all(self, number):
        """Claim until nothing is free; return ``(id, attempt)`` of each."""
        context = migrate_context.service_context()
        claimed = []
        while free := claims_db.candidates(context, self.now()):
            for row in free:
                try:
                    row = migrations_db.claim(
                        context, row, f'worker-{number}', self.soon()
                    )
                except exceptions.LeaseLost:
                    continue
                claimed.append((row.id, row.attempt))
        return claimed


class TestQueriesSqlite(Queries, base.TestCase):
    backend = 'sqlite'


class TestQueriesMysql(Queries, base.TestCase):
    backend = 'mysql'


class TestQueriesPostgresql(Queries, base.TestCase):
    backend = 'postgresql'
