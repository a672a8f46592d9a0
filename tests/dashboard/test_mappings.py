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

from unittest import mock

from django.urls import reverse

from migrate_dashboard.content.mappings import forms
from tests.dashboard import base

MAPPING = 'b7f0a3f8-6f43-4d5a-8c3e-0c4b5a1d9e77'
INDEX = reverse('horizon:migrate:mappings:index')
CREATE = reverse('horizon:migrate:mappings:create')
EDIT = reverse('horizon:migrate:mappings:edit', args=(MAPPING,))


class MappingCase(base.TestCase):
    def setUp(self):
        super().setUp()
        mapping = base.sample('mapping-show')
        self.mapping = mapping['mapping']
        self.serve(f'/mappings/{MAPPING}', mapping)
        self.serve('/mappings', base.sample('mappings-list'))
        self.serve('/sources', base.sample('sources-list'))
        self.target = self.networks.first()
        self.serve_places()
        for module, name, value in (
            (forms.neutron, 'network_list_for_tenant', [self.target]),
            (
                forms.cinder,
                'volume_type_list',
                self.cinder_volume_types.list(),
            ),
        ):
            patch = mock.patch.object(module, name, return_value=value)
            patch.start()
            self.addCleanup(patch.stop)

    def serve_places(self):
        path = f'/sources/{self.mapping["source_id"]}'
        network = base.sample('networks-list')['networks'][0]
        named = [('network-7', 'VM Network'), ('network-9', self.target.name)]
        self.serve(
            f'{path}/networks',
            {
                'networks': [
                    network | {'id': key, 'key': key, 'name': name}
                    for key, name in named
                ]
            },
        )
        self.serve(f'{path}/datastores', base.sample('datastores-list'))
        self.serve(
            f'/mappings/{MAPPING}/unmapped',
            base.sample('mapping-unmapped-response'),
            'POST',
        )


class TestManager(MappingCase):
    acts_as = ('manager', 'member', 'reader')

    def test_unmapped_comes_first_and_is_flagged(self):
        response = self.client.get(EDIT)
        form = response.context['form']
        names = [one.name for one in form.network_fields()]
        self.assertEqual(['network:network-9', 'network:network-7'], names)
        text = self.text(response)
        self.assertIn('1 network that machines use leads nowhere', text)
        self.assertIn('not mapped, 1 machine', text)

    def test_suggestions_are_only_taken_when_asked(self):
        asked = self.serve(f'/mappings/{MAPPING}', {}, 'PATCH')
        form = self.client.get(EDIT).context['form']
        self.assertFalse(form['network:network-9'].value())
        form = self.client.post(EDIT, {'suggest': '1'}).context['form']
        self.assertEqual(self.target.id, form['network:network-9'].value())
        self.assertFalse(asked.called)

    def test_saving_keeps_what_the_page_does_not_show(self):
        asked = self.serve(
            f'/mappings/{MAPPING}',
            base.sample('mapping-update-response'),
            'PATCH',
        )
        self.client.post(EDIT, {'network:network-7': self.target.id})
        sent = asked.last_request.json()['mapping']
        self.assertEqual(
            [
                {
                    'source': 'network-7',
                    'network_id': self.target.id,
                    'keep_ip': False,
                }
            ],
            sent['networks'],
        )
        self.assertNotIn('security_groups', sent)

    def test_create(self):
        asked = self.serve(
            '/mappings', base.sample('mapping-create-response'), 'POST', 201
        )
        source = base.sample('sources-list')['sources'][0]['id']
        self.client.post(CREATE, {'name': 'dmz', 'source_id': source})
        self.assertEqual(
            {'name': 'dmz', 'source_id': source},
            asked.last_request.json()['mapping'],
        )


class TestReader(MappingCase):
    acts_as = ('reader',)

    def test_may_look_only(self):
        self.assertNotContains(self.client.get(INDEX), CREATE)
        self.assertNotContains(self.client.get(EDIT), 'name="save"')
        asked = self.serve(f'/mappings/{MAPPING}', {}, 'PATCH')
        response = self.client.post(EDIT, {})
        self.assertEqual(403, response.status_code)
        self.assertFalse(asked.called)
