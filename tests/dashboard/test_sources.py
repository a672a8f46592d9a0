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

"""The table of sources, registering one, confirming its certificate."""

from django.urls import reverse

from tests.dashboard import base

INDEX = reverse('horizon:migrate:sources:index')
REGISTER = reverse('horizon:migrate:sources:register')
CERTIFICATE = reverse(
    'horizon:migrate:sources:certificate', args=(base.SOURCE,)
)
SHOWN = 'ab' * 32
PIN = ':'.join(['AB'] * 32)
FORM = {
    'name': 'old',
    'address': 'vcenter.example.com',
    'port': '443',
    'username': 'migrate',
    'password': 'very-secret',
}


def untrusted():
    """Return a source whose certificate nobody has confirmed yet."""
    error = {
        'code': 'source.tls_untrusted',
        'message': f'Not trusted (its SHA-256 fingerprint is {SHOWN})',
        'remedy': 'Compare it.',
    }
    source = base.sample('source-show')['source']
    return source | {'status': 'error', 'error': error}


class TestManager(base.TestCase):
    acts_as = ('manager', 'member', 'reader')

    def test_nothing_yet_says_what_to_do_first(self):
        self.serve('/sources', {'sources': []})
        self.assertContains(self.client.get(INDEX), 'Register the first one')

    def test_register(self):
        asked = self.serve(
            '/sources', base.sample('source-create-response'), 'POST', 202
        )
        self.client.post(REGISTER, FORM)
        sent = asked.last_request.json()['source']
        self.assertEqual('vsphere', sent['driver'])
        self.assertEqual('very-secret', sent['password'])
        self.assertNotIn('ca', sent)

    def test_a_refused_form_does_not_show_the_password(self):
        error = base.sample('error')
        self.serve('/sources', error, 'POST', 400)
        response = self.client.post(REGISTER, FORM)
        self.assertContains(response, error['message'])
        self.assertNotContains(response, 'very-secret')

    def test_the_certificate_is_to_be_confirmed(self):
        self.serve('/sources', {'sources': [untrusted()]})
        self.assertContains(self.client.get(INDEX), 'Check Certificate')
        self.serve(f'/sources/{base.SOURCE}', {'source': untrusted()})
        self.assertContains(self.client.get(CERTIFICATE), PIN)

    def test_only_who_compared_may_confirm(self):
        self.serve(f'/sources/{base.SOURCE}', {'source': untrusted()})
        asked = self.serve(
            f'/sources/{base.SOURCE}',
            base.sample('source-update-response'),
            'PATCH',
            202,
        )
        self.client.post(CERTIFICATE, {'fingerprint': PIN})
        self.assertFalse(asked.called)
        self.client.post(CERTIFICATE, {'fingerprint': PIN, 'compared': 'on'})
        self.assertEqual(
            PIN, asked.last_request.json()['source']['fingerprint']
        )

    def test_a_source_without_that_error_shows_none(self):
        self.serve('/sources', base.sample('sources-list'))
        self.assertNotContains(self.client.get(INDEX), 'Check Certificate')


class TestMember(base.TestCase):
    def test_cannot_register(self):
        self.serve('/sources', base.sample('sources-list'))
        asked = self.serve('/sources', {}, 'POST')
        response = self.client.get(INDEX)
        self.assertNotContains(response, REGISTER)
        self.client.post(REGISTER, FORM)
        self.assertFalse(asked.called)
