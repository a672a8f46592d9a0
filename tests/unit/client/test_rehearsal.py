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


"""Commands on rehearsals."""

from tests.unit.client import base
from tests.unit.client import shapes

ONE = f'{base.MIGRATION}/v1/migrations/m1'
PATH = '/v1/migrations/m1/rehearse'
NETWORK = '11111111-1111-4111-8111-111111111111'


def rehearsal(**values):
    """Return a rehearsal that passed."""
    return {
        'id': 'r1',
        'migration_id': 'm1',
        'user_id': 'u1',
        'status': 'ended',
        'verdict': 'passed',
        'error': None,
        'network_id': None,
        'probe': None,
        'result': {'probes': {'console': 'web login:'}},
        'timings': {'clone_volumes': 3.2},
        'console': 'Debian\nweb login:',
        'created_at': '2026-11-01T10:00:00Z',
        'started_at': '2026-11-01T10:00:01Z',
        'ended_at': '2026-11-01T10:02:00Z',
    } | values


class TestRehearsal(base.TestCase):
    def setUp(self):
        super().setUp()
        last = {'id': 'r1', 'status': 'ended', 'verdict': 'passed'}
        self.answer(
            shapes.migration(
                kind='warm',
                status='waiting',
                step='await_cutover',
                rehearse_requested_at=None,
                rehearsal=last,
            )
        )
        self.web.get(f'{ONE}/events', json={'events': []})
        self.web.post(
            f'{ONE}/rehearse',
            status_code=202,
            json={'rehearsal': rehearsal(status='requested', verdict=None)},
        )
        self.web.get(f'{ONE}/rehearsals/r1', json={'rehearsal': rehearsal()})

    def answer(self, *migrations):
        self.web.get(ONE, [{'json': {'migration': one}} for one in migrations])

    def test_nothing_is_sent_that_was_not_chosen(self):
        shown = self.succeed('rehearse', 'm1', '-f', 'json')
        self.assertEqual([{'rehearsal': {}}], self.sent('POST', PATH))
        self.assertEqual('requested', shown['status'])

    def test_network_and_probes(self):
        self.web.get(
            f'{base.NETWORK}/v2.0/networks/{NETWORK}',
            json={'network': {'id': NETWORK, 'name': 'lonely'}},
        )
        self.succeed(
            *('rehearse', 'm1', '--network', NETWORK, '--probe-expect', 'UP'),
            *('--probe-ping', '--probe-tcp-port', '22'),
            *('--probe-http', '80/health', '--probe-timeout', '60'),
        )
        probe = {
            'expect': 'UP',
            'ping': True,
            'tcp_port': 22,
            'http': {'port': 80, 'path': '/health'},
            'timeout': 60,
        }
        self.assertEqual(
            [{'rehearsal': {'network_id': NETWORK, 'probe': probe}}],
            self.sent('POST', PATH),
        )

    def test_a_port_that_is_none(self):
        code, _out, err = self.run_command(
            'rehearse', 'm1', '--probe-http', 'web'
        )
        self.assertNotEqual(0, code)
        self.assertIn('<port>', err)

    def test_wait_for_the_verdict(self):
        asked = shapes.migration(
            status='waiting', rehearse_requested_at='2026-11-01T10:00:00Z'
        )
        running = shapes.migration(status='running', step='clone_volumes')
        self.answer(asked, asked, running, shapes.migration(status='waiting'))
        shown = self.succeed('rehearse', 'm1', '--wait', '-f', 'json')
        self.assertEqual('passed', shown['verdict'])

    def test_a_failed_one_fails_the_command(self):
        error = {'code': 'x', 'message': 'It panics.', 'remedy': 'Convert.'}
        failed = rehearsal(verdict='failed', error=error)
        self.web.get(f'{ONE}/rehearsals/r1', json={'rehearsal': failed})
        code, _out, err = self.run_command('rehearse', 'm1', '--wait')
        self.assertEqual(1, code)
        self.assertIn('It panics. Convert.', err)

    def test_list(self):
        self.web.get(f'{ONE}/rehearsals', json={'rehearsals': [rehearsal()]})
        out = self.succeed('rehearsal', 'list', 'm1', '-f', 'json')
        self.assertEqual('passed', out[0]['Verdict'])

    def test_the_last_one_is_shown(self):
        out = self.succeed(
            *('rehearsal', 'show', 'm1', '-c', 'console', '-f', 'value')
        )
        self.assertIn('web login:', out)

    def test_none_yet(self):
        self.answer(shapes.migration(rehearsal=None))
        code, _out, err = self.run_command('rehearsal', 'show', 'm1')
        self.assertEqual(1, code)
        self.assertIn('not rehearsed yet', err)
