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


"""Commands on migrations, but ``create`` and the waits."""

from tests.unit.client import base
from tests.unit.client import shapes

MIGRATIONS = f'{base.MIGRATION}/v1/migrations'
ONE = f'{MIGRATIONS}/m1'


class TestMigration(base.TestCase):
    def setUp(self):
        super().setUp()
        self.web.get(ONE, json={'migration': shapes.migration()})
        self.web.get(f'{MIGRATIONS}/web', status_code=404, json={})
        self.web.get(MIGRATIONS, json={'migrations': [shapes.migration()]})

    def test_list_in_numbers_for_programs(self):
        rows = self.succeed('list', '--long', '-f', 'json')
        self.assertEqual(
            [shapes.GIB, 3 * shapes.GIB, 128 * 1024**2, 16],
            [rows[0][key] for key in ('Copied', 'Total', 'Rate', 'Time Left')],
        )

    def test_list_in_units_for_people(self):
        out = self.succeed('list', '--long')
        for text in ('33 %', '1.0 GiB', '3.0 GiB', '128.0 MiB/s', '0:16'):
            self.assertIn(f'| {text} ', out)

    def test_list_of_one_that_has_no_progress(self):
        fresh = shapes.migration(progress={}, result=None, step=None)
        self.web.get(MIGRATIONS, json={'migrations': [fresh]})
        rows = self.succeed('list', '--long', '-f', 'json')
        self.assertIsNone(rows[0]['Progress'])
        self.assertIn('web', self.succeed('list', '--long'))

    def test_list_filters(self):
        self.web.get(
            f'{base.MIGRATION}/v1/sources/vc',
            json={'source': shapes.source()},
        )
        self.succeed(
            *('list', '--status', 'running', '--source', 'vc', '--name'),
            *('web', '--all-projects', '-f', 'json'),
        )
        self.assertEqual(
            [
                {
                    'status': ['running'],
                    'source_id': ['s1'],
                    'name': ['web'],
                    'all_projects': ['True'],
                }
            ],
            self.queries('/v1/migrations'),
        )

    def test_show(self):
        shown = self.succeed('show', 'web', '-f', 'json')
        self.assertEqual(shapes.GIB, shown['progress']['bytes_copied'])
        self.assertIn('1.0 GiB of 3.0 GiB', self.succeed('show', 'web'))

    def test_show_tells_the_error_and_the_remedy(self):
        self.web.get(
            ONE,
            json={
                'migration': shapes.migration(
                    status='error',
                    error={'code': 'x', 'message': 'Bad.', 'remedy': 'Fix.'},
                )
            },
        )
        out = self.succeed('show', 'm1')
        self.assertIn('| Bad. ', out)
        self.assertIn('| Fix. ', out)

    def test_ambiguous_name(self):
        twins = [shapes.migration(), shapes.migration(id='m2')]
        self.web.get(MIGRATIONS, json={'migrations': twins})
        code, _, err = self.run_command('cancel', 'web')
        self.assertEqual(1, code)
        self.assertIn('Several migrations are named web: m1, m2.', err)
        self.assertIn('Use the id', err)

    def test_delete(self):
        self.web.delete(ONE, status_code=204)
        self.succeed('delete', 'web')
        self.assertEqual([None], self.sent('DELETE', '/v1/migrations/m1'))

    def test_refusal_to_retry(self):
        self.web.get(f'{ONE}/events', json={'events': []})
        self.web.post(
            f'{ONE}/retry',
            status_code=409,
            json=shapes.error('A migration that is running cannot retry.'),
        )
        code, _, err = self.run_command('retry', 'm1')
        self.assertEqual(1, code)
        self.assertEqual(
            'A migration that is running cannot retry. (Request id: req-1)\n',
            err,
        )

    def test_events(self):
        events = [
            shapes.event(1, 'accepted', message='Accepted.'),
            shapes.event(2, 'running', 'inspect'),
        ]
        self.web.get(f'{ONE}/events', json={'events': events})
        rows = self.succeed('event', 'list', 'm1', '-f', 'json')
        self.assertEqual(
            [('accepted', 'Accepted.'), ('running', None)],
            [(row['Status'], row['Message']) for row in rows],
        )

    def test_manifest(self):
        manifest = {
            'algorithm': 'blake3',
            'region_size': 4194304,
            'disks': [
                {'key': '2000', 'hashes': ['aa', None]},
            ],
        }
        self.web.get(f'{ONE}/manifest', json={'manifest': manifest})
        rows = self.succeed(
            'manifest', 'show', 'm1', '--disk', '2000', '-f', 'json'
        )
        self.assertEqual(
            [
                {'Disk': '2000', 'Offset': 0, 'blake3': 'aa'},
                {'Disk': '2000', 'Offset': 4194304, 'blake3': None},
            ],
            rows,
        )
        self.assertEqual(
            [{'disk': ['2000']}], self.queries('/v1/migrations/m1/manifest')
        )


class TestLog(base.TestCase):
    def setUp(self):
        super().setUp()
        self.web.get(ONE, json={'migration': shapes.migration()})

    def piece(self, number, step, text):
        return {'id': number, 'step': step, 'tool': 'v2v', 'text': text} | {
            'attempt': 1
        }

    def test_show(self):
        pieces = [
            self.piece('1', 'inspect', 'one\n'),
            self.piece('2', 'convert', 'two\n'),
            self.piece('3', 'convert', 'three\n'),
        ]
        self.web.get(f'{ONE}/log', json={'log': pieces})
        self.assertEqual(
            '==> inspect: v2v (attempt 1)\none\n'
            '==> convert: v2v (attempt 1)\ntwo\nthree\n',
            self.succeed('log', 'show', 'm1'),
        )

    def test_follow_to_the_end(self):
        done = shapes.migration(status='completed')
        self.web.get(
            ONE,
            [
                {'json': {'migration': shapes.migration()}},
                {'json': {'migration': shapes.migration()}},
                {'json': {'migration': done}},
            ],
        )
        first = [self.piece('1', 'convert', 'one\n')]
        second = [self.piece('2', 'convert', 'two\n')]
        self.web.get(
            f'{ONE}/log',
            [{'json': {'log': first}}, {'json': {'log': second}}],
        )
        out = self.succeed(
            'log', 'show', 'm1', '--follow', '--step', 'convert'
        )
        self.assertTrue(out.endswith('one\ntwo\n'))
        self.assertEqual(
            [
                {'step': ['convert']},
                {'step': ['convert'], 'marker': ['1']},
            ],
            self.queries('/v1/migrations/m1/log'),
        )
