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


"""``--wait``: what is shown meanwhile, and how it ends."""

import json

from migrate_client.osc import wait
from tests.unit.client import base
from tests.unit.client import shapes

MIGRATIONS = f'{base.MIGRATION}/v1/migrations'
ONE = f'{MIGRATIONS}/m1'
NOW = '2026-11-01T10:00:00Z'
FULL = {
    'code': 'volume.quota_exceeded',
    'message': 'The quota of volumes is used up.',
    'remedy': 'Raise it, then retry.',
}


class TestWait(base.TestCase):
    def setUp(self):
        super().setUp()
        source = f'{base.MIGRATION}/v1/sources/s1'
        self.web.get(source, json={'source': shapes.source()})
        self.web.get(
            f'{source}/machines/vm-1', json={'machine': shapes.machine()}
        )
        accepted = shapes.migration(status='accepted', step=None, progress={})
        self.web.post(MIGRATIONS, json={'migration': accepted})
        self.web.post(f'{ONE}/cancel', status_code=202)
        self.web.post(f'{ONE}/retry', status_code=202)

    def play(self, *looks):
        """Answer each look with one status and the events since the last.

        :param looks: (values of the migration, its new events).
        """
        self.web.get(
            ONE,
            [
                {'json': {'migration': shapes.migration(**values)}}
                for values, _ in looks
            ],
        )
        self.web.get(
            f'{ONE}/events', [{'json': {'events': new}} for _, new in looks]
        )

    def create(self, **kwargs):
        return self.run_command(
            *('create', '--source', 's1', '--machine', 'vm-1', '--wait'),
            *('-f', 'json'),
            **kwargs,
        )

    def test_completed(self):
        self.play(
            ({'status': 'running'}, [shapes.event(1, 'running', 'inspect')]),
            ({'status': 'running'}, []),
            ({'status': 'completed'}, [shapes.event(2, 'completed')]),
        )
        code, out, err = self.create()
        self.assertEqual(0, code)
        self.assertEqual('completed', json.loads(out)['status'])
        self.assertEqual(
            '2026-11-01T10:00:01Z  running  inspect\n'
            '2026-11-01T10:00:02Z  completed\n',
            err,
        )
        self.assertEqual(
            [{}, {'marker': ['1']}, {'marker': ['1']}],
            self.queries('/v1/migrations/m1/events'),
        )

    def test_bar_on_a_terminal(self):
        self.play(({}, []), ({'status': 'completed'}, []))
        _, out, err = self.create(stderr=base.Terminal())
        self.assertIn('[######--------------]   33%', err)
        self.assertNotIn('####', out)

    def test_error_ends_with_cause_and_remedy(self):
        failed = {'status': 'error', 'error': FULL, 'step': 'reserve'}
        self.play((failed, []))
        code, out, err = self.create()
        self.assertEqual(1, code)
        self.assertEqual('', out)
        self.assertEqual(
            'The migration m1 ended in error at the step reserve: The quota '
            'of volumes is used up. Raise it, then retry.\n',
            err,
        )

    def test_cancelled_by_somebody_else(self):
        self.play(({'status': 'cancelled'}, []))
        code, _, err = self.create()
        self.assertEqual(1, code)
        self.assertIn('The migration m1 ended as cancelled.', err)

    def test_service_is_away_for_a_while(self):
        self.play(({'status': 'completed'}, []))
        self.web.get(
            ONE,
            [
                {'status_code': 503, 'text': 'restarting'},
                {'json': {'migration': shapes.migration(status='completed')}},
            ],
        )
        self.assertEqual(0, self.create()[0])

    def test_service_stays_away(self):
        self.web.get(ONE, status_code=503, text='down')
        code, _, _ = self.create()
        self.assertEqual(1, code)
        self.assertEqual(
            wait.PATIENCE + 1, len(self.queries('/v1/migrations/m1'))
        )

    def test_cancel_waits_although_it_stood_in_error(self):
        before = shapes.event(7, 'error', 'reserve')
        failed = {'status': 'error', 'error': FULL}
        self.play(
            (failed, [before]),
            (
                {'status': 'error', 'error': FULL, 'cancel_requested_at': NOW},
                [],
            ),
            ({'status': 'cancelling'}, [shapes.event(8, 'cancelling')]),
            ({'status': 'cancelled'}, [shapes.event(9, 'cancelled')]),
        )
        code, _, err = self.run_command('cancel', 'm1', '--wait')
        self.assertEqual(0, code, err)
        self.assertIn('cancelled', err)

    def test_cancel_came_too_late(self):
        self.play(
            ({}, [shapes.event(7, 'running')]),
            ({'status': 'completed'}, [shapes.event(8, 'completed')]),
        )
        code, _, err = self.run_command('cancel', 'm1', '--wait')
        self.assertEqual(1, code)
        self.assertIn('The migration m1 ended as completed.', err)

    def test_retry_that_fails_again(self):
        failed = {'status': 'error', 'error': FULL, 'step': 'reserve'}
        self.play(
            (failed, [shapes.event(7, 'error')]),
            (failed | {'retry_requested_at': NOW}, []),
            (failed, [shapes.event(8, 'running'), shapes.event(9, 'error')]),
        )
        code, _, err = self.run_command('retry', 'm1', '--wait')
        self.assertEqual(1, code)
        self.assertIn('The quota of volumes is used up.', err)
        self.assertEqual(3, len(self.queries('/v1/migrations/m1')))
