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

"""Commands on assessments; answers are samples of the API reference."""

import json
import pathlib

from tests.unit.client import base
from tests.unit.client import shapes

SAMPLES = pathlib.Path(__file__).parents[3] / 'api-ref/source/samples'
V1 = f'{base.MIGRATION}/v1'
ASSESSMENTS = '/v1/assessments'


def sample(name):
    return json.loads((SAMPLES / f'{name}.json').read_text())


class TestAssess(base.TestCase):
    def setUp(self):
        super().setUp()
        self.one = sample('assessment-show')['assessment']
        self.concern = {
            'code': 'concern.snapshots',
            'severity': 'blocking',
            'what': 'web has 2 snapshots.',
            'why': 'They break the tracking of changes.',
            'remedy': 'Delete all snapshots of the machine.',
            'overridable': False,
            'overridden': False,
        }
        self.web.get(f'{V1}/sources', json={'sources': [shapes.source()]})
        self.web.post(
            f'{V1}/assessments',
            status_code=202,
            json={'assessment': self.one | {'status': 'accepted'}},
        )
        path = f'{V1}/assessments/{self.one["id"]}'
        self.web.get(path, json={'assessment': self.one})
        self.web.delete(path, status_code=204)
        (machine,) = sample('assessed-machines-list')['machines']
        machine['concerns'] = [self.concern]
        self.web.get(f'{path}/machines', json={'machines': [machine]})

    def test_all_machines_of_the_only_source(self):
        code, out, err = self.run_command('assess', '--all')
        self.assertEqual(0, code, err)
        (sent,) = self.sent('POST', ASSESSMENTS)
        self.assertEqual('s1', sent['assessment']['source_id'])
        self.assertTrue(sent['assessment']['all'])
        self.assertIn('snapshots', out)
        self.assertNotIn('concern.snapshots', out)

    def test_totals_and_quotas_are_said(self):
        err = self.run_command('assess', '--all')[2]
        self.assertIn('2 machines, 1 blocked, 1 with warnings', err)
        self.assertIn('gigabytes does not suffice: 201 needed, 200 free', err)

    def test_long_tells_what_to_do(self):
        out = self.succeed('assess', '--all', '--long')
        self.assertIn('Delete all snapshots of the machine.', out)

    def test_json_is_one_object_a_machine(self):
        (machine,) = self.succeed('assess', '--all', '-f', 'json')
        self.assertEqual([self.concern], machine['concerns'])
        self.assertEqual('blocking', machine['severity'])

    def test_some_machines(self):
        self.web.get(
            f'{V1}/sources/s1/machines/web', json={'machine': shapes.machine()}
        )
        self.succeed('assess', 'web', '--kind', 'warm', '--override', 'a')
        (sent,) = self.sent('POST', ASSESSMENTS)
        self.assertEqual(['vm-1'], sent['assessment']['machine_ids'])
        self.assertEqual('warm', sent['assessment']['kind'])
        self.assertEqual(['a'], sent['assessment']['override'])

    def test_fail_on(self):
        for severity in ('blocking', 'warning'):
            code = self.run_command('assess', '--all', '--fail-on', severity)
            self.assertEqual(2, code[0])

    def test_fail_on_leaves_out_what_was_overridden(self):
        self.concern['overridden'] = True
        code = self.run_command('assess', '--all', '--fail-on', 'warning')
        self.assertEqual(0, code[0], code[2])

    def test_all_or_some(self):
        for names in ((), ('--all', 'web')):
            code, _out, err = self.run_command('assess', *names)
            self.assertEqual(1, code)
            self.assertIn('Name machines, or give --all.', err)
        self.assertEqual([], self.sent('POST', ASSESSMENTS))

    def test_no_source_to_choose(self):
        self.web.get(f'{V1}/sources', json={'sources': []})
        err = self.run_command('assess', '--all')[2]
        self.assertIn('The project has 0 sources', err)

    def test_an_assessment_that_fails(self):
        error = {
            'code': 'source.unreachable',
            'message': 'vc.test does not answer.',
            'remedy': 'Look at its address.',
        }
        self.one |= {'status': 'error', 'error': error}
        code, _out, err = self.run_command('assess', '--all')
        self.assertEqual(1, code)
        self.assertIn('vc.test does not answer.', err)
        self.assertIn('Look at its address.', err)

    def test_show(self):
        shown = self.succeed(
            'assessment', 'show', self.one['id'], '-f', 'json'
        )
        self.assertEqual(self.one['totals'], shown['totals'])

    def test_list(self):
        self.web.get(f'{V1}/assessments', json=sample('assessments-list'))
        rows = self.succeed('assessment', 'list', '-f', 'json')
        self.assertEqual(self.one['id'], rows[0]['ID'])

    def test_machines_by_severity(self):
        self.succeed(
            *('assessment', 'machine', 'list', self.one['id']),
            *('--severity', 'blocking'),
        )
        path = f'{ASSESSMENTS}/{self.one["id"]}/machines'
        self.assertEqual(['blocking'], self.queries(path)[-1]['severity'])

    def test_delete(self):
        self.succeed('assessment', 'delete', self.one['id'])
        path = f'{ASSESSMENTS}/{self.one["id"]}'
        self.assertEqual([None], self.sent('DELETE', path))
