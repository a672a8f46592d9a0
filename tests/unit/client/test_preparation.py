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

"""The command that prepares a guest."""

import pathlib
import tempfile

from tests.unit.client import base
from tests.unit.client import shapes

ONE = f'{base.MIGRATION}/v1/migrations/m1'
SENT = '/v1/migrations/m1/prepare'


class TestPrepare(base.TestCase):
    def setUp(self):
        super().setUp()
        waiting = shapes.migration(status='waiting', step='await_cutover')
        self.web.get(ONE, json={'migration': waiting})
        self.web.get(f'{ONE}/events', json={'events': []})
        self.web.post(
            f'{ONE}/prepare', status_code=202, json={'migration': waiting}
        )
        self.file = pathlib.Path(tempfile.mkdtemp()) / 'password'
        self.file.write_text('geheim\n')
        self.words = (
            *('prepare', 'm1', '--guest-user', 'root'),
            *('--guest-password-file', str(self.file)),
        )

    def test_the_password_comes_from_a_file(self):
        self.succeed(*self.words)
        self.succeed(*self.words, '--revert', '--wait')
        wish = {'username': 'root', 'password': 'geheim'}
        self.assertEqual(
            [{'prepare': wish}, {'prepare': wish | {'revert': True}}],
            self.sent('POST', SENT),
        )

    def test_there_is_no_option_for_the_password_itself(self):
        code, _out, _err = self.run_command(
            *self.words[:4], '--guest-password', 'geheim\n'
        )
        self.assertEqual([], self.sent('POST', SENT))
        self.assertNotEqual(0, code)

    def test_neither_terminal_nor_file(self):
        code, _out, err = self.run_command(*self.words[:4])
        self.assertEqual(1, code)
        self.assertIn('--guest-password-file', err)
        self.assertEqual([], self.sent('POST', SENT))

    def test_wait_tells_what_failed(self):
        failed = shapes.event(8, 'waiting', 'await_cutover') | {
            'event': 'excursion_failed',
            'message': 'The guest refused the password.',
            'details': {'error': {'remedy': 'Give another one.'}},
        }
        self.web.get(
            f'{ONE}/events',
            [{'json': {'events': []}}, {'json': {'events': [failed]}}],
        )
        code, _out, err = self.run_command(*self.words, '--wait')
        self.assertEqual(1, code)
        self.assertIn('refused the password. Give another one.', err)
