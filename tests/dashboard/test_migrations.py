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

"""The table of migrations, the page of one, its dialogs."""

import json

from django.urls import reverse

from tests.dashboard import base

INDEX = reverse('horizon:migrate:migrations:index')
DETAIL = reverse('horizon:migrate:migrations:detail', args=(base.MIGRATION,))


def action_url(name):
    return reverse(
        'horizon:migrate:migrations:act', args=(base.MIGRATION, name)
    )


def offered(response):
    """Return the names of the actions that a page of a migration offers."""
    return {one.name for one in response.context['offered']}


class TestTable(base.TestCase):
    def test_a_row_shows_progress_and_state(self):
        self.serve_migration(base.warm_at('await_cutover'))
        text = self.text(self.client.get(INDEX))
        for wanted in ('web-1', 'Waiting for you', 'Wait for cutover', '100%'):
            self.assertIn(wanted, text)

    def test_a_name_is_text(self):
        self.serve_migration(base.warm_at('precopy', name='<i>web</i>'))
        response = self.client.get(INDEX)
        self.assertNotContains(response, '<i>web</i>')
        self.assertContains(response, '&lt;i&gt;web&lt;/i&gt;')

    def test_a_poll_returns_rows(self):
        self.serve_migration(base.warm_at('await_cutover'))
        response = self.client.get(reverse('horizon:migrate:migrations:rows'))
        (row,) = json.loads(response.content)['rows']
        self.assertEqual(base.MIGRATION, row['id'])
        self.assertIn(f'data-live-row="{base.MIGRATION}"', row['html'])

    def test_the_sentence_of_the_service_is_shown(self):
        error = base.sample('error')
        self.serve('/migrations', error, status=500)
        response = self.client.get(INDEX)
        self.assertEqual(200, response.status_code)
        self.assertContains(response, error['message'])

    def test_a_poll_of_a_silent_service_says_so(self):
        self.serve('/migrations', {}, status=503)
        response = self.client.get(reverse('horizon:migrate:migrations:rows'))
        self.assertEqual(503, response.status_code)
        self.assertIn('not available', json.loads(response.content)['error'])

    def test_in_bulk_only_those_that_can(self):
        self.serve_migration(base.warm_at('await_cutover'))
        accepted = self.serve(
            f'/migrations/{base.MIGRATION}/accept',
            base.sample('migration-accept-response'),
            'POST',
        )
        chosen = {
            'action': 'migrations__accept',
            'object_ids': [base.MIGRATION],
        }
        self.client.post(INDEX, chosen)
        self.assertFalse(accepted.called)
        self.serve_migration(base.warm_at('await_acceptance'))
        self.client.post(INDEX, chosen)
        self.assertTrue(accepted.called)


class TestPage(base.TestCase):
    def offered_at(self, step, status='waiting', **changes):
        self.serve_migration(base.warm_at(step, status, **changes))
        return offered(self.client.get(DETAIL))

    def test_actions_follow_the_state(self):
        rounds = {'cutover', 'withdraw', 'sync', 'rehearse', 'cancel'}
        for step, status, expected in (
            ('await_cutover', 'waiting', rounds),
            ('probe_isolated', 'running', rounds - {'rehearse'}),
            ('convert', 'running', {'rollback', 'cancel'}),
            ('convert', 'error', {'rollback', 'cancel', 'retry'}),
            ('await_acceptance', 'waiting', {'accept', 'rollback', 'cancel'}),
            ('release_source', 'running', set()),
            (None, 'completed', {'delete'}),
            ('stop_server', 'cancelling', set()),
        ):
            with self.subTest(step=step, status=status):
                self.assertEqual(expected, self.offered_at(step, status))

    def test_error_with_its_remedy(self):
        error = {'code': 'x.y', 'message': 'It broke.', 'remedy': 'Mend it.'}
        self.serve_migration(base.warm_at('convert', 'error', error=error))
        text = self.text(self.client.get(DETAIL))
        self.assertIn('It broke.', text)
        self.assertIn('Mend it.', text)

    def test_the_parts_are_those_of_the_page(self):
        self.serve_migration(base.warm_at('await_cutover'))
        page = self.client.get(DETAIL).content.decode()
        url = reverse(
            'horizon:migrate:migrations:parts', args=(base.MIGRATION,)
        )
        parts = json.loads(self.client.get(url).content)['parts']
        for name in parts:
            self.assertIn(f'data-live-part="{name}"', page)
        self.assertIn('Round', parts['rounds'])

    def test_of_another_project(self):
        path = f'/migrations/{base.MIGRATION}'
        self.serve(path, base.sample('error'), status=404)
        response = self.client.get(DETAIL)
        self.assertEqual(404, response.status_code)


class TestDialogs(base.TestCase):
    def setUp(self):
        super().setUp()
        self.serve_migration(base.warm_at('await_cutover'))

    def answer(self, name, path=None, method='POST'):
        return self.serve(
            f'/migrations/{base.MIGRATION}/{path or name}',
            base.sample('migration-accept-response'),
            method,
            202,
        )

    def test_cutover_says_what_happens_to_the_source(self):
        text = self.text(self.client.get(action_url('cutover')))
        self.assertIn('source machine is shut down', text)
        self.assertIn('Predicted downtime', text)

    def test_cutover_at_a_time(self):
        asked = self.answer('cutover')
        data = {'at': '2026-12-01T22:00', 'max_downtime': '90'}
        response = self.client.post(action_url('cutover'), data)
        self.assertRedirectsNoFollow(response, DETAIL)
        self.assertEqual(
            {
                'cutover': {
                    'not_before': '2026-12-01T22:00:00Z',
                    'max_downtime': 90,
                }
            },
            asked.last_request.json(),
        )

    def test_every_plain_action_reaches_the_service(self):
        self.serve_migration(base.warm_at('await_acceptance'))
        for name, path, method in (
            ('accept', 'accept', 'POST'),
            ('cancel', 'cancel', 'POST'),
            ('retry', 'retry', 'POST'),
            ('sync', 'sync', 'POST'),
            ('withdraw', 'cutover', 'DELETE'),
        ):
            with self.subTest(name=name):
                asked = self.answer(name, path, method)
                self.client.post(action_url(name), {})
                self.assertTrue(asked.called)

    def test_rollback_of_a_warm_one_asks_about_the_volumes(self):
        asked = self.answer('rollback')
        self.client.post(action_url('rollback'), {'replica': 'discard'})
        self.assertEqual(
            {'rollback': {'replica': 'discard'}}, asked.last_request.json()
        )

    def test_rehearse_a_machine_with_a_silent_console(self):
        path = f'/migrations/{base.MIGRATION}/rehearse'
        answer = base.sample('rehearsal-create-response')
        asked = self.serve(path, answer, 'POST', 202)
        data = {'timeout': '60', 'quiet': 'on'}
        self.client.post(action_url('rehearse'), data)
        self.assertEqual(
            {'timeout': 60, 'console': False},
            asked.last_request.json()['rehearsal']['probe'],
        )

    def test_a_refusal_stays_in_the_dialog(self):
        error = base.sample('error')
        path = f'/migrations/{base.MIGRATION}/sync'
        self.serve(path, error, 'POST', 409)
        response = self.client.post(action_url('sync'), {})
        self.assertContains(response, error['message'])


class TestReader(base.TestCase):
    acts_as = ('reader',)

    def test_no_action_is_offered(self):
        self.serve_migration(base.warm_at('await_cutover'))
        self.assertEqual(set(), offered(self.client.get(DETAIL)))
        table = self.client.get(INDEX).context['table']
        names = {one.name for one in table.get_table_actions()}
        self.assertEqual({'filter'}, names)

    def test_a_forged_post_is_refused(self):
        self.serve_migration(base.warm_at('await_cutover'))
        asked = self.serve(f'/migrations/{base.MIGRATION}/.*', {}, 'POST')
        response = self.client.post(action_url('cutover'), {})
        self.assertEqual(403, response.status_code)
        self.client.post(
            INDEX,
            {'action': 'migrations__cutover', 'object_ids': base.MIGRATION},
        )
        self.assertFalse(asked.called)
