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

"""What the script of a preparation is given, and what its end means."""

import pathlib
import re
import shutil
import subprocess
import sysconfig

import testtools

from migrate_service.convert import preparation

OLD = '00:50:56:AA:00:01'
NEW = 'fa:16:3e:00:00:01'


class TestArguments(testtools.TestCase):
    def test_addresses(self):
        self.assertEqual(
            ['prepare', '00:50:56:aa:00:01=fa:16:3e:00:00:01'],
            preparation.arguments('prepare', [(OLD, NEW)]),
        )

    def test_revert_needs_none(self):
        self.assertEqual(
            ['revert'], preparation.arguments('revert', [(OLD, NEW)])
        )

    def test_a_shell_gets_nothing_else(self):
        for bad in ('', '$(reboot)', f'{NEW};reboot', f'{NEW}\n', 'fa:16'):
            self.assertRaises(
                ValueError, preparation.arguments, 'prepare', [(OLD, bad)]
            )


class TestOutput(testtools.TestCase):
    def test_the_last_result_counts(self):
        output = 'migrate: result 13\nx\nmigrate: result 0\n'
        self.assertEqual(0, preparation.result(output))
        self.assertIsNone(preparation.result('migrate: rebuilding'))
        self.assertIsNone(preparation.result(''))

    def test_sentences_of_the_guest_are_cut_to_what_can_be_shown(self):
        output = f'migrate: \x1b[2J{"x" * 999}\nnoise\nmigrate: result 1\n'
        (sentence,) = preparation.said(output)
        self.assertEqual('[2Jxxx', sentence[:6])
        self.assertEqual(300, len(sentence))

    def test_kernels(self):
        sentences = ['wrote /etc/x', 'kernel 6.1 ready', 'kernel 5.4 ready']
        self.assertEqual(['6.1', '5.4'], preparation.kernels(sentences))


class TestCheck(testtools.TestCase):
    def test_each_code(self):
        for code, kind in preparation.ERRORS.items():
            output = f'migrate: so it is\nmigrate: result {code}\n'
            error = self.assertRaises(kind, preparation.check, code, output)
            self.assertIn(f'so it is (code {code})', str(error))
            self.assertTrue(error.remedy)

    def test_others(self):
        self.assertIsNone(preparation.check(0, ''))
        for code in (1, 127, 137):
            self.assertRaises(
                preparation.PreparationFailed, preparation.check, code, ''
            )

    def test_the_script_uses_the_codes_that_are_known(self):
        text = preparation.SCRIPT.read_text()
        used = {int(code) for code in re.findall(r'\bdie (1\d)', text)}
        self.assertEqual(set(preparation.ERRORS), used)


class TestScript(testtools.TestCase):
    def test_any_shell_of_a_guest_can_read_it(self):
        for shell in ('dash', 'bash'):
            path = shutil.which(shell)
            if path:
                subprocess.run([path, '-n', preparation.SCRIPT], check=True)

    def test_shellcheck_finds_nothing(self):
        shellcheck = pathlib.Path(sysconfig.get_path('scripts'), 'shellcheck')
        found = subprocess.run(
            [shellcheck, preparation.SCRIPT], capture_output=True, text=True
        )
        self.assertEqual((0, ''), (found.returncode, found.stdout))
