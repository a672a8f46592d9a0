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


"""Commands on workers."""

from tests.unit.client import base

WORKERS = f'{base.MIGRATION}/v1/workers'
NODE = {
    'name': 'node-1',
    'state': 'enabled',
    'reason': None,
    'alive': True,
    'slots': 4,
    'used': 1,
    'load': {'cpu': 0.5},
    'transports': ['https', 'file'],
    'facts': {
        'accelerator': 'tcg',
        'problems': [
            {
                'check': 'kvm',
                'status': 'warning',
                'detail': 'There is no /dev/kvm on this host.',
                'remedy': 'Use another host.',
            }
        ],
    },
    'version': '1.0',
    'last_seen_at': '2026-11-01T10:00:00Z',
}


class TestWorker(base.TestCase):
    def setUp(self):
        super().setUp()
        self.web.get(WORKERS, json={'workers': [NODE]})
        self.web.get(f'{WORKERS}/node-1', json={'worker': NODE})
        self.web.patch(f'{WORKERS}/node-1', json={'worker': NODE})

    def test_list(self):
        rows = self.succeed('worker', 'list', '-f', 'json')
        self.assertEqual('node-1', rows[0]['Name'])
        self.assertEqual(['https', 'file'], rows[0]['Transports'])

    def test_show(self):
        shown = self.succeed('worker', 'show', 'node-1', '-f', 'json')
        self.assertEqual({'cpu': 0.5}, shown['load'])
        self.assertEqual(NODE['facts'], shown['facts'])

    def test_problems_can_be_read(self):
        text = self.succeed('worker', 'show', 'node-1', '--fit-width')
        self.assertIn('accelerator: tcg', text)
        self.assertIn('remedy Use another host.', text)

    def test_set(self):
        for option, state in (
            ('--enable', 'enabled'),
            ('--disable', 'disabled'),
            ('--drain', 'draining'),
        ):
            self.succeed('worker', 'set', 'node-1', option, '--reason', 'disk')
            self.assertEqual(
                {'worker': {'state': state, 'reason': 'disk'}},
                self.sent('PATCH', '/v1/workers/node-1')[-1],
            )

    def test_set_nothing(self):
        code, _, err = self.run_command('worker', 'set', 'node-1')
        self.assertEqual(1, code)
        self.assertIn('Nothing is to be changed', err)
