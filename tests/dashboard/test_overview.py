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


from django.urls import reverse

from tests.dashboard import base

INDEX = reverse('horizon:migrate:overview:index')


class TestOverview(base.TestCase):
    def setUp(self):
        super().setUp()
        self.serve('/sources', base.sample('sources-list'))
        self.serve('/limits', base.sample('limits-list'))

    def overview(self, *migrations):
        self.serve('/migrations', {'migrations': list(migrations)})
        return self.text(self.client.get(INDEX))

    def test_what_needs_a_person(self):
        error = {'code': 'x.y', 'message': 'It broke.', 'remedy': 'Mend it.'}
        text = self.overview(
            base.warm_at('await_cutover', cutover_at=None),
            base.warm_at('await_acceptance', id='2'),
            base.warm_at('convert', 'error', id='3', error=error),
        )
        for wanted in (
            'waits for its cutover',
            'accept it or roll back',
            'It broke.',
        ):
            self.assertIn(wanted, text)

    def test_limits_and_their_notices(self):
        text = self.overview()
        self.assertIn('9 of 10 migrations', text)
        self.assertIn('520 GiB, no limit', text)
        self.assertNotIn('Machines in plans', text)
        self.assertIn('The project uses 9 of 10', text)

    def test_nothing_yet_says_what_to_do_first(self):
        self.assertIn('No machine was migrated yet.', self.overview())
        self.serve('/sources', {'sources': []})
        self.assertIn('Begin with a source', self.overview())
