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


"""Commands on warm migrations."""

from tests.unit.client import base
from tests.unit.client import shapes

MIGRATIONS = f'{base.MIGRATION}/v1/migrations'
ONE = f'{MIGRATIONS}/m1'
DUE = {'cutover_at': '2026-11-01T10:00:00Z'}
ROUND = {
    'number': 2,
    'bytes': shapes.GIB,
    'seconds': 75.2,
    'downtime': {'shutdown': 30, 'delta': 33, 'total': 63},
}


class TestWarm(base.TestCase):
    def setUp(self):
        super().setUp()
        self.web.get(ONE, json={'migration': shapes.migration()})
        self.web.get(f'{ONE}/events', json={'events': []})
        for action in ('cutover', 'sync', 'accept', 'rollback'):
            self.web.post(
                f'{ONE}/{action}',
                status_code=202,
                json={'migration': shapes.migration()},
            )

    def test_cutover_now_and_later(self):
        self.succeed('cutover', 'm1')
        self.succeed('cutover', 'm1', '--at', '2030-01-01T22:00:00+01:00')
        self.assertEqual(
            [
                {'cutover': {}},
                {'cutover': {'at': '2030-01-01T22:00:00+01:00'}},
            ],
            self.sent('POST', '/v1/migrations/m1/cutover'),
        )

    def test_cutover_in_a_window(self):
        start, end = '2030-01-01T22:00:00Z', '2030-01-02T04:00:00Z'
        self.succeed(
            *('cutover', 'm1', '--not-before', start, '--not-after', end),
            *('--max-downtime', '90'),
        )
        when = {'not_before': start, 'not_after': end, 'max_downtime': 90}
        self.assertEqual(
            [{'cutover': when}],
            self.sent('POST', '/v1/migrations/m1/cutover'),
        )

    def test_cutover_withdrawn(self):
        self.web.delete(
            f'{ONE}/cutover',
            status_code=202,
            json={'migration': shapes.migration()},
        )
        self.succeed('cutover', 'm1', '--withdraw')
        path = '/v1/migrations/m1/cutover'
        self.assertEqual([None], self.sent('DELETE', path))
        self.assertEqual([], self.sent('POST', path))

    def test_what_a_cutover_takes_is_told(self):
        told = {
            'total': 12.5,
            'parts': {'shutdown': 2.5, 'delta': 10.0},
            'basis': {'shutdown': 'source', 'delta': 'rounds'},
        }
        took = {'delta': 9.9, 'convert': None, 'total': 11.0}
        warm = shapes.migration(predicted_downtime=told, downtime=took)
        self.web.get(ONE, json={'migration': warm})
        out = self.succeed('show', 'm1')
        for text in ('12.5 s', 'delta: 10.0 s (rounds)', 'delta: 9.9 s'):
            self.assertIn(text, out)

    def test_cutover_waits_beyond_the_wait(self):
        answers = [
            {'status': 'waiting', 'step': 'await_cutover'} | DUE,
            {'status': 'waiting', 'step': 'await_cutover'} | DUE,
            {'status': 'completed', 'step': None},
        ]
        self.web.get(
            ONE,
            [
                {'json': {'migration': shapes.migration(**answer)}}
                for answer in answers
            ],
        )
        self.succeed('cutover', 'm1', '--wait')

    def test_the_wait_for_a_cutover_ends_before_the_acceptance(self):
        answers = [
            {'status': 'waiting', 'step': 'await_cutover'} | DUE,
            {'status': 'running', 'step': 'probe'},
            {'status': 'waiting', 'step': 'await_acceptance'},
        ]
        self.web.get(
            ONE,
            [
                {'json': {'migration': shapes.migration(**answer)}}
                for answer in answers
            ],
        )
        self.succeed('cutover', 'm1', '--wait')

    def test_a_server_that_was_given_up_is_a_failure(self):
        answers = [
            {'status': 'rolling_back', 'step': 'remove_server'},
            {
                'status': 'waiting',
                'step': 'await_cutover',
                'result': {'failed_probe': {'message': 'It panics.'}},
            },
        ]
        self.web.get(
            ONE,
            [
                {'json': {'migration': shapes.migration(**answer)}}
                for answer in answers
            ],
        )
        code, _out, err = self.run_command('cutover', 'm1', '--wait')
        self.assertNotEqual(0, code)
        self.assertIn('It panics.', err)

    def test_accept(self):
        self.succeed('accept', 'm1')
        self.assertEqual(1, len(self.sent('POST', '/v1/migrations/m1/accept')))

    def test_rollback(self):
        for options in ((), ('--keep-replica',), ('--discard',)):
            self.succeed('rollback', 'm1', *options)
        self.assertEqual(
            [
                {'rollback': {}},
                {'rollback': {'replica': 'keep'}},
                {'rollback': {'replica': 'discard'}},
            ],
            self.sent('POST', '/v1/migrations/m1/rollback'),
        )

    def test_sync(self):
        self.succeed('sync', 'm1')
        self.assertEqual(1, len(self.sent('POST', '/v1/migrations/m1/sync')))

    def test_rounds_are_told(self):
        progress = shapes.migration()['progress'] | {
            'rounds': [ROUND],
            'converges': False,
            'next_round_at': '2030-01-01T00:00:00Z',
        }
        warm = shapes.migration(progress=progress)
        self.web.get(ONE, json={'migration': warm})
        out = self.succeed('show', 'm1')
        for text in (
            'Round 2: 1.0 GiB in 1:15',
            'Predicted downtime: 1:03',
            'rounds do not help',
            'Next round: 2030-01-01T00:00:00Z',
        ):
            self.assertIn(text, out)
