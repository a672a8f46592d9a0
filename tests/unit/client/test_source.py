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


"""Commands on sources."""

import io
import pathlib

import fixtures

from migrate_client.osc import secret
from tests.unit.client import base
from tests.unit.client import shapes

SOURCES = f'{base.MIGRATION}/v1/sources'
PIN = ':'.join(['AB'] * 32)
REFUSED = {
    'code': 'source.login_failed',
    'message': 'The login was refused.',
    'remedy': 'Set the password.',
}


class TestCreate(base.TestCase):
    ARGS = ('source', 'create', 'vc', '--address', 'vc.test', '--username')
    ARGS += ('reader', '-f', 'json')

    def setUp(self):
        super().setUp()
        self.web.post(SOURCES, json={'source': shapes.source()})
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file('password', 's3cret\nrest\n')

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def body(self):
        return self.sent('POST', '/v1/sources')[-1]['source']

    def test_sends_what_was_given_and_nothing_else(self):
        shown = self.succeed(
            *self.ARGS,
            *('--password-file', str(self.folder / 'password')),
        )
        self.assertEqual(
            {
                'name': 'vc',
                'driver': 'vsphere',
                'address': 'vc.test',
                'username': 'reader',
                'password': 's3cret',
            },
            self.body(),
        )
        self.assertEqual('ready', shown['status'])
        self.assertEqual({'version': '8.0.3'}, shown['product'])
        self.assertNotIn('password', shown)

    def test_trust_options(self):
        self.succeed(
            *self.ARGS,
            *('--password-file', str(self.folder / 'password')),
            *('--port', '8443', '--description', 'lab'),
            *('--fingerprint', 'ab' * 32),
            *('--ca-file', self.file('ca', 'PEM')),
        )
        body = self.body()
        self.assertEqual(PIN, body['fingerprint'])
        self.assertEqual('PEM', body['ca'])
        self.assertEqual(8443, body['port'])

    def test_password_of_the_environment(self):
        self.useFixture(
            fixtures.EnvironmentVariable(secret.VARIABLE, 'of-env')
        )
        self.succeed(*self.ARGS)
        self.assertEqual('of-env', self.body()['password'])

    def test_password_of_the_standard_input(self):
        self.useFixture(
            fixtures.MonkeyPatch('sys.stdin', io.StringIO('piped\n'))
        )
        self.succeed(*self.ARGS, '--password-file', '-')
        self.assertEqual('piped', self.body()['password'])

    def test_no_password(self):
        self.useFixture(fixtures.EnvironmentVariable(secret.VARIABLE))
        self.useFixture(fixtures.MonkeyPatch('sys.stdin', io.StringIO()))
        code, _, err = self.run_command(*self.ARGS)
        self.assertEqual(1, code)
        self.assertIn('Give --password-file', err)
        self.assertEqual([], self.sent('POST', '/v1/sources'))

    def test_bad_files(self):
        for option, path, text in (
            ('--password-file', 'absent', 'cannot be read'),
            ('--password-file', self.file('empty', '\n'), 'is empty'),
            ('--ca-file', 'absent', 'cannot be read'),
        ):
            code, _, err = self.run_command(
                *self.ARGS,
                *('--password-file', str(self.folder / 'password')),
                *(option, path),
            )
            self.assertEqual(1, code)
            self.assertIn(text, err)

    def test_bad_fingerprint(self):
        code, _, err = self.run_command(*self.ARGS, '--fingerprint', 'ab:cd')
        self.assertNotEqual(0, code)
        self.assertIn('is not a SHA-256 of 64 hexadecimal digits', err)
        self.assertEqual([], self.sent('POST', '/v1/sources'))

    def test_debug_log_does_not_hold_the_password(self):
        self.web.patch(f'{SOURCES}/s1', json={'source': shapes.source()})
        log = self.useFixture(fixtures.FakeLogger(level=0))
        self.connect().create_source(name='vc', password='s3cret')
        self.connect().update_source('s1', password='s3cret')
        self.assertIn('/v1/', log.output)
        self.assertNotIn('s3cret', log.output)

    def test_wait_until_the_inventory_is_read(self):
        self.web.get(
            f'{SOURCES}/s1',
            [
                {'json': {'source': shapes.source(status='verifying')}},
                {'json': {'source': shapes.source(status='verifying')}},
                {'status_code': 503, 'text': 'restarting'},
                {'json': {'source': shapes.source(product={'v': 9})}},
            ],
        )
        shown = self.succeed(
            *self.ARGS,
            *('--password-file', str(self.folder / 'password'), '--wait'),
        )
        self.assertEqual({'v': 9}, shown['product'])

    def test_wait_tells_why_it_failed(self):
        failed = shapes.source(status='error', error=REFUSED)
        self.web.get(f'{SOURCES}/s1', json={'source': failed})
        code, _, err = self.run_command(
            *self.ARGS,
            *('--password-file', str(self.folder / 'password'), '--wait'),
        )
        self.assertEqual(1, code)
        self.assertIn('The login was refused. Set the password.', err)

    def test_refusal_is_a_sentence(self):
        self.web.post(
            SOURCES,
            status_code=403,
            json=shapes.error('Your roles do not allow it.', 'Ask.'),
        )
        code, _, err = self.run_command(
            *self.ARGS,
            *('--password-file', str(self.folder / 'password')),
        )
        self.assertEqual(1, code)
        self.assertEqual(
            'Your roles do not allow it. Ask. (Request id: req-1)\n', err
        )


class TestSource(base.TestCase):
    def setUp(self):
        super().setUp()
        self.web.get(f'{SOURCES}/vc', status_code=404, json={})
        self.web.get(SOURCES, json={'sources': [shapes.source()]})
        self.web.get(f'{SOURCES}/s1', json={'source': shapes.source()})

    def test_list_asks_for_what_was_filtered(self):
        pages = [[shapes.source()], []]
        self.web.get(SOURCES, [{'json': {'sources': page}} for page in pages])
        rows = self.succeed(
            *('source', 'list', '--status', 'ready', '--limit', '5'),
            *('--marker', 's0', '--sort', 'name:desc', '-f', 'json'),
        )
        self.assertEqual(['vc'], [row['Name'] for row in rows])
        self.assertEqual(
            [
                {
                    'status': ['ready'],
                    'limit': ['5'],
                    'marker': ['s0'],
                    'sort_key': ['name'],
                    'sort_dir': ['desc'],
                }
            ],
            self.queries('/v1/sources')[:1],
        )

    def test_show_by_name_and_id(self):
        for name in ('vc', 's1'):
            shown = self.succeed('source', 'show', name, '-f', 'json')
            self.assertEqual('s1', shown['id'])

    def test_ambiguous_name(self):
        twins = [shapes.source(), shapes.source(id='s2')]
        self.web.get(SOURCES, json={'sources': twins})
        code, _, err = self.run_command('source', 'show', 'vc')
        self.assertEqual(1, code)
        self.assertIn('Several sources are named vc: s1, s2.', err)

    def test_unknown_name(self):
        self.web.get(SOURCES, json={'sources': []})
        code, _, err = self.run_command('source', 'show', 'v/c')
        self.assertEqual(1, code)
        self.assertIn('No source has the name or id v/c.', err)

    def test_set_sends_only_what_changes(self):
        self.useFixture(
            fixtures.EnvironmentVariable(secret.VARIABLE, 'not-asked-for')
        )
        self.web.patch(f'{SOURCES}/s1', json={'source': shapes.source()})
        self.succeed('source', 'set', 'vc', '--port', '444')
        self.assertEqual(
            [{'source': {'port': 444}}], self.sent('PATCH', '/v1/sources/s1')
        )

    def test_set_nothing(self):
        code, _, err = self.run_command('source', 'set', 'vc')
        self.assertEqual(1, code)
        self.assertIn('Nothing is to be changed', err)

    def test_delete_goes_on_and_tells_each_failure(self):
        self.web.get(f'{SOURCES}/s2', json={'source': shapes.source(id='s2')})
        self.web.delete(
            f'{SOURCES}/s1',
            status_code=409,
            json=shapes.error('It is used by 2 migrations.', 'Wait.'),
        )
        self.web.delete(f'{SOURCES}/s2', status_code=204)
        code, _, err = self.run_command('source', 'delete', 's1', 's2')
        self.assertEqual(1, code)
        self.assertIn('s1: It is used by 2 migrations. Wait.', err)
        self.assertEqual([None], self.sent('DELETE', '/v1/sources/s2'))

    def test_refresh_waits_until_it_was_done(self):
        asked = shapes.source(refresh_requested_at='2026-11-01T10:30:00Z')
        self.web.get(
            f'{SOURCES}/s1',
            [
                {'json': {'source': source}}
                for source in (shapes.source(), asked, asked, shapes.source())
            ],
        )
        self.web.post(f'{SOURCES}/s1/refresh', status_code=202, json={})
        self.succeed('source', 'refresh', 's1', '--wait')
        self.assertEqual(4, len(self.queries('/v1/sources/s1')))
