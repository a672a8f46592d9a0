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

"""Commands on plans; answers are samples of the API reference."""

import pathlib

import fixtures
import yaml

from tests.unit.client import base
from tests.unit.client import shapes
from tests.unit.client import test_assessment

V1 = f'{base.MIGRATION}/v1'
PLANS = '/v1/plans'
FILE = """
name: night
source: vcenter
waves:
- name: one
  machines: [web]
- name: two
  after: [one]
  machines:
  - machine: vm-2
    overrides: {volume_type: fast}
"""


class TestPlan(base.TestCase):
    def setUp(self):
        super().setUp()
        self.plan = test_assessment.sample('plan-show')['plan']
        path = f'{V1}/plans/{self.plan["id"]}'
        self.web.get(f'{V1}/sources', json={'sources': [shapes.source()]})
        self.web.get(f'{V1}/sources/vcenter', json={'source': shapes.source()})
        self.source_path = f'{V1}/sources/{self.plan["source_id"]}'
        self.web.get(self.source_path, json={'source': shapes.source()})
        machines = [
            shapes.machine(),
            shapes.machine(id='vm-2', name='db'),
            shapes.machine(id='vm-3', name='twin'),
            shapes.machine(id='vm-4', name='twin'),
        ]
        self.web.get(f'{V1}/sources/s1/machines', json={'machines': machines})
        self.web.post(f'{V1}/plans', status_code=201, json={'plan': self.plan})
        self.web.get(path, json={'plan': self.plan})
        self.web.patch(path, json={'plan': self.plan})
        for action in ('start', 'pause', 'resume', 'cancel'):
            self.web.post(
                f'{path}/{action}', status_code=202, json={'plan': self.plan}
            )
        for name in ('machines', 'events'):
            answer = test_assessment.sample(f'plan-{name}-list')
            self.web.get(f'{path}/{name}', json=answer)
        self.web.get(f'{V1}/plans', json=test_assessment.sample('plans-list'))

    def file(self, text):
        folder = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(folder) / 'plan.yaml'
        path.write_text(text)
        return str(path)

    def test_a_file_becomes_a_plan(self):
        self.succeed('plan', 'create', self.file(FILE), '--retries', '2')
        (sent,) = self.sent('POST', PLANS)
        plan = sent['plan']
        self.assertEqual(('s1', 2), (plan['source_id'], plan['retries']))
        self.assertEqual(
            [{'machine_id': 'vm-1'}], plan['waves'][0]['machines']
        )
        self.assertEqual(
            [{'machine_id': 'vm-2', 'overrides': {'volume_type': 'fast'}}],
            plan['waves'][1]['machines'],
        )

    def test_errors_of_a_file_name_the_place(self):
        for old, new, sentence in (
            ('[web]', '[nobody]', 'waves.0.machines.0: the source has no'),
            ('[web]', '[twin]', 'give one of the ids vm-3, vm-4.'),
            ('[web]', '{}', 'machines: must be a list.'),
            ('name: night', 'nam: x', 'nam: is not known here'),
            ('machine: vm-2', 'machin: vm-2', 'machines.0: machin: is not'),
            ('source: vcenter', '', 'source: is missing'),
            ('name: night', 'name: [', 'line 2'),
        ):
            path = self.file(FILE.replace(old, new, 1))
            code, _out, err = self.run_command('plan', 'create', path)
            self.assertEqual(1, code)
            self.assertIn(sentence, err)
        self.assertEqual([], self.sent('POST', PLANS))

    def test_an_export_can_be_read_again(self):
        out = self.run_command('plan', 'export', self.plan['id'])[1]
        found = yaml.safe_load(out)
        names = [wave['name'] for wave in found['waves']]
        self.assertEqual(['databases', 'web'], names)
        self.assertEqual(['web-1', 'web-2'], found['waves'][1]['machines'])
        self.assertEqual(
            {'machine': 'db-1', 'overrides': {'volume_type': 'fast'}},
            found['waves'][0]['machines'][0],
        )

    def test_actions(self):
        for action in ('start', 'pause', 'resume', 'cancel'):
            self.run_command('plan', action, self.plan['id'])
            path = f'{PLANS}/{self.plan["id"]}/{action}'
            self.assertEqual(1, len(self.sent('POST', path)))

    def test_set(self):
        self.run_command('plan', 'set', self.plan['id'], '--concurrency', '3')
        (sent,) = self.sent('PATCH', f'{PLANS}/{self.plan["id"]}')
        self.assertEqual({'plan': {'concurrency': 3}}, sent)

    def test_tables(self):
        self.assertIn('night-1', self.run_command('plan', 'list')[1])
        for name, text in (('machine', 'db-1'), ('event', 'begins')):
            out = self.run_command('plan', name, 'list', self.plan['id'])[1]
            self.assertIn(text, out)

    def test_simulate(self):
        answer = test_assessment.sample('plan-simulation-show')
        path = f'{V1}/plans/{self.plan["id"]}/simulation'
        asked = self.web.get(path, json=answer)
        out = self.run_command(
            *('plan', 'simulate', self.plan['id']),
            *('--nodes', '4', '--budget', '1000'),
        )[1]
        self.assertEqual(
            {'nodes': ['4'], 'budget': ['1000']}, asked.last_request.qs
        )
        self.assertIn('bound budget, seconds 13120', out)
