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

import datetime
import json

from django.core.files import uploadedfile
from django.urls import reverse

from migrate_dashboard.content.plans import gantt
from tests.dashboard import base

PLAN = 'd8b5a0f4-43a7-4a53-b0b6-3d9b5f3a8f10'
SOURCE = '6e3bb1a2-8e2a-4f27-9c49-bb6a0f6f0d11'
INDEX = reverse('horizon:migrate:plans:index')
DETAIL = reverse('horizon:migrate:plans:detail', args=(PLAN,))
PARTS = reverse('horizon:migrate:plans:parts', args=(PLAN,))
EXPORT = reverse('horizon:migrate:plans:export', args=(PLAN,))
IMPORT = reverse('horizon:migrate:plans:import')
FILE = 'source: old\nname: night-2\nwaves:\n- name: one\n  machines: [web-1]\n'


def action_url(name):
    return reverse('horizon:migrate:plans:act', args=(PLAN, name))


class PlanCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.show(base.sample('plan-show')['plan'])
        self.serve(
            f'/plans/{PLAN}/machines', base.sample('plan-machines-list')
        )
        self.serve(f'/plans/{PLAN}/events', base.sample('plan-events-list'))
        migration = base.sample('migrations-list')['migrations'][0]
        begun = {
            'id': '0b0f3f39-6b52-4d21-9d0c-1a6a5b1c6a01',
            'created_at': '2026-11-21T22:00:10.000Z',
            'ended_at': '2026-11-21T22:20:00.000Z',
        }
        self.serve('/migrations', {'migrations': [migration | begun]})

    def show(self, plan):
        self.serve(f'/plans/{PLAN}', {'plan': plan})
        self.serve('/plans', {'plans': [plan]})


class TestManager(PlanCase):
    acts_as = ('manager', 'member', 'reader')

    def test_the_table_tells_what_moves(self):
        text = self.text(self.client.get(INDEX))
        for wanted in ('night-1', 'Running', '1 of 3 machines', '2 moving'):
            self.assertIn(wanted, text)

    def test_the_page_and_its_parts(self):
        page = self.client.get(DETAIL)
        for wanted in ('databases', 'web-2', 'The migration of db-1 begins.'):
            self.assertContains(page, wanted)
        parts = json.loads(self.client.get(PARTS).content)['parts']
        for name in parts:
            self.assertContains(page, f'data-live-part="{name}"')

    def test_actions_follow_the_status(self):
        for status, expected in (
            ('draft', {'start', 'delete'}),
            ('running', {'pause', 'cancel'}),
            ('paused', {'resume', 'cancel'}),
            ('completed', {'delete'}),
        ):
            plan = base.sample('plan-show')['plan'] | {'status': status}
            self.show(plan)
            with self.subTest(status=status):
                offered = self.client.get(DETAIL).context['offered']
                self.assertEqual(expected, {one.name for one in offered})

    def test_pause(self):
        asked = self.serve(
            f'/plans/{PLAN}/pause',
            base.sample('plan-pause-response'),
            'POST',
            202,
        )
        text = self.text(self.client.get(action_url('pause')))
        self.assertIn('Nothing new begins.', text)
        response = self.client.post(action_url('pause'), {})
        self.assertRedirectsNoFollow(response, DETAIL)
        self.assertTrue(asked.called)

    def test_what_is_exported_can_be_imported(self):
        source = base.sample('source-show')['source']
        source |= {'id': SOURCE, 'name': 'old'}
        self.serve(f'/sources/{SOURCE}', {'source': source})
        self.serve('/sources', {'sources': [source]})
        machine = base.sample('machines-list')['machines'][0]
        machines = [
            machine | {'id': f'vm-{number}', 'name': name}
            for number, name in ((11, 'db-1'), (12, 'web-1'), (13, 'web-2'))
        ]
        self.serve(f'/sources/{SOURCE}/machines', {'machines': machines})
        made = self.serve(
            '/plans', base.sample('plan-create-response'), 'POST', 201
        )
        exported = self.client.get(EXPORT)
        self.assertIn('night-1.yaml', exported['Content-Disposition'])
        self.upload(exported.content, name='again')
        sent = made.last_request.json()['plan']
        self.assertEqual((SOURCE, 'again'), (sent['source_id'], sent['name']))
        self.assertEqual(
            [['vm-11'], ['vm-12', 'vm-13']],
            [
                [one['machine_id'] for one in wave['machines']]
                for wave in sent['waves']
            ],
        )

    def upload(self, content, **data):
        file = uploadedfile.SimpleUploadedFile('plan.yaml', content)
        return self.client.post(IMPORT, {'file': file} | data)

    def test_a_file_that_is_no_plan(self):
        made = self.serve('/plans', {}, 'POST')
        response = self.upload(b'speed: 3\n')
        self.assertContains(response, 'plan.yaml: speed: is not known here')
        self.assertFalse(made.called)

    def test_a_file_of_another_source(self):
        self.serve('/sources', {'sources': []})
        response = self.upload(FILE.encode())
        self.assertContains(response, 'There is no source old')


class TestReader(PlanCase):
    acts_as = ('reader',)

    def test_no_action_is_offered(self):
        self.assertEqual([], self.client.get(DETAIL).context['offered'])
        self.assertNotContains(self.client.get(INDEX), IMPORT)

    def test_a_forged_post_is_refused(self):
        asked = self.serve(f'/plans/{PLAN}/.*', {}, 'POST')
        response = self.client.post(action_url('cancel'), {})
        self.assertEqual(403, response.status_code)
        self.assertFalse(asked.called)


class TestChart(PlanCase):
    def chart(self, **changes):
        plan = base.sample('plan-show')['plan'] | changes
        self.show(plan)
        return self.client.get(DETAIL).context['chart']

    def test_bars_are_what_happened(self):
        chart = self.chart(
            status='completed', ended_at='2026-11-21T22:20:00.000Z'
        )
        databases, web = chart['bars']
        self.assertGreater(databases['width'], 3)
        self.assertLessEqual(databases['x'] + databases['width'], gantt.WIDTH)
        self.assertIsNone(web['x'])

    def test_windows_are_bands(self):
        window = {
            'not_before': '2026-11-21T22:00:00Z',
            'not_after': '2026-11-21T23:00:00Z',
        }
        chart = self.chart(
            status='completed',
            windows={'start': window, 'cutover': None, 'blackouts': []},
        )
        (band,) = chart['bands']
        self.assertEqual(
            datetime.timedelta(hours=1), band['end'] - band['begin']
        )
        self.assertEqual(
            (gantt.LEFT, gantt.WIDTH),
            (band['x'], band['x'] + band['width']),
        )

    def test_nothing_to_draw(self):
        self.serve('/migrations', {'migrations': []})
        self.assertIsNone(self.chart(windows={}))
