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

"""The machines of a source, and the wizard that leads to migrations."""

import contextlib
from unittest import mock

from django.urls import reverse

from migrate_dashboard.content.machines import choices
from tests.dashboard import base

INDEX = reverse('horizon:migrate:machines:index')
WIZARD = reverse('horizon:migrate:machines:wizard')
ASSESSMENT = '0c6f1ad1-96a3-4c0d-8a4e-5d3a9e1f7b20'
REVIEW = reverse('horizon:migrate:machines:review', args=(ASSESSMENT,))
TARGET = '2b1a4c3e-5c0f-4a0e-8f5f-0d9d4a3a1b2c'
CHOSEN = {'source': base.SOURCE, 'machine': ['vm-42']}
MAPPED = CHOSEN | {'network:network-7': TARGET, 'volume_type': 'fast'}
OPTIONS = {'kind': 'warm', 'convert': 'auto', 'keep_ip': 'on'}


class TestMachines(base.TestCase):
    def setUp(self):
        super().setUp()
        self.serve('/sources', base.sample('sources-list'))
        self.serve('/assessments', {'assessments': []})
        self.machine = base.sample('machine-show')['machine']
        self.listing = self.serve(
            f'/sources/{base.SOURCE}/machines', {'machines': [self.machine]}
        )

    def test_filters_and_order_are_the_service_s(self):
        chosen = {'name': 'we', 'power_state': 'on', 'dir': 'desc'}
        response = self.client.get(INDEX, chosen)
        self.assertContains(response, 'web-1')
        sent = self.listing.last_request.qs
        self.assertEqual(['we'], sent['name'])
        self.assertEqual(['on'], sent['power_state'])
        self.assertEqual(['desc'], sent['sort_dir'])

    def test_a_page_asks_for_one_more_than_it_shows(self):
        many = [self.machine | {'id': f'vm-{n}'} for n in range(51)]
        self.serve(f'/sources/{base.SOURCE}/machines', {'machines': many})
        response = self.client.get(INDEX)
        self.assertContains(response, 'value="vm-49"')
        self.assertNotContains(response, 'value="vm-50"')
        self.assertContains(response, 'trail=vm-49')

    def test_the_detail_of_one(self):
        self.serve(
            f'/sources/{base.SOURCE}/machines/vm-42',
            base.sample('machine-show'),
        )
        url = reverse(
            'horizon:migrate:machines:detail', args=(base.SOURCE, 'vm-42')
        )
        self.assertContains(self.client.get(url), '00:50:56:aa:bb:01')


class TestWizard(base.TestCase):
    def setUp(self):
        super().setUp()
        source = f'/sources/{base.SOURCE}'
        self.serve(f'{source}/machines/vm-42', base.sample('machine-show'))
        self.serve(f'{source}/networks', base.sample('networks-list'))
        self.serve(f'{source}/datastores', base.sample('datastores-list'))
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        for name, value in (
            ('targets', [(TARGET, 'net-a')]),
            ('volume_types', [('fast', 'fast')]),
            ('flavors', []),
        ):
            stack.enter_context(
                mock.patch.object(choices.Choices, name, value)
            )

    def test_nothing_chosen(self):
        response = self.client.post(WIZARD, {'source': base.SOURCE})
        self.assertRedirectsNoFollow(response, INDEX)

    def test_what_is_not_mapped_is_flagged_and_stops(self):
        response = self.client.post(WIZARD, CHOSEN)
        self.assertContains(response, '1 not mapped')
        response = self.client.post(WIZARD, CHOSEN | {'go': 'options'})
        self.assertContains(response, 'Choose the network')

    def test_the_options_carry_the_mapping(self):
        response = self.client.post(WIZARD, MAPPED | {'go': 'options'})
        self.assertContains(
            response,
            f'<input type="hidden" name="network:network-7" value="{TARGET}">',
        )

    def test_the_end_asks_for_an_assessment(self):
        asked = self.serve(
            '/assessments',
            base.sample('assessment-create-response'),
            'POST',
            202,
        )
        response = self.client.post(
            WIZARD, MAPPED | OPTIONS | {'go': 'assess'}
        )
        self.assertEqual(302, response.status_code)
        sent = asked.last_request.json()['assessment']
        self.assertEqual(['vm-42'], sent['machine_ids'])
        self.assertEqual('warm', sent['kind'])
        self.assertIs(True, sent['keep_ip'])
        self.assertIs(False, sent['keep_mac'])
        self.assertEqual(
            [{'source': 'network-7', 'network_id': TARGET}], sent['networks']
        )


class TestReview(base.TestCase):
    def serve_assessment(self, *concerns):
        assessment = base.sample('assessment-show')['assessment']
        assessment['totals']['blocked'] = len(concerns)
        self.serve(f'/assessments/{ASSESSMENT}', {'assessment': assessment})
        (machine,) = base.sample('assessed-machines-list')['machines']
        machine['concerns'] = list(concerns)
        self.serve(
            f'/assessments/{ASSESSMENT}/machines', {'machines': [machine]}
        )
        self.created = self.serve(
            '/migrations',
            base.sample('migration-create-response'),
            'POST',
            202,
        )
        return machine

    def blocking(self, **changes):
        (machine,) = base.sample('assessed-machines-list')['machines']
        return machine['concerns'][0] | changes

    def test_what_blocks_stops_it_with_its_remedy(self):
        concern = self.blocking()
        self.serve_assessment(concern)
        response = self.client.get(REVIEW)
        self.assertContains(response, concern['remedy'])
        self.assertNotContains(response, 'name="start"')
        self.client.post(REVIEW, {'start': '1'})
        self.assertFalse(self.created.called)

    def test_a_risk_that_may_be_accepted_is_assessed_again(self):
        self.serve_assessment(self.blocking(overridable=True))
        asked = self.serve(
            '/assessments',
            base.sample('assessment-create-response'),
            'POST',
            202,
        )
        chosen = {'again': '1', 'override': ['concern.snapshots']}
        self.client.post(REVIEW, chosen)
        sent = asked.last_request.json()['assessment']
        self.assertEqual(['concern.snapshots'], sent['override'])
        self.assertEqual(['vm-42'], sent['machine_ids'])

    def test_start(self):
        self.serve_assessment()
        chosen = {'start': '1', 'console': 'none', 'require_rehearsal': 'on'}
        response = self.client.post(REVIEW, chosen)
        self.assertRedirectsNoFollow(
            response, reverse('horizon:migrate:migrations:index')
        )
        sent = self.created.last_request.json()['migration']
        self.assertEqual('vm-42', sent['machine_id'])
        self.assertIs(True, sent['require_rehearsal'])
        self.assertIs(False, sent['auto_rollback'])
        self.assertEqual('manual', sent['acceptance'])
        self.assertEqual({'console': False}, sent['probe'])


class TestReader(base.TestCase):
    acts_as = ('reader',)

    def test_machines_cannot_be_chosen(self):
        self.serve('/sources', base.sample('sources-list'))
        self.serve('/assessments', {'assessments': []})
        self.serve(
            f'/sources/{base.SOURCE}/machines',
            base.sample('machines-list'),
        )
        response = self.client.get(INDEX)
        self.assertNotContains(response, 'name="machine"')

    def test_the_wizard_is_closed(self):
        response = self.client.post(WIZARD, CHOSEN)
        self.assertEqual(403, response.status_code)
