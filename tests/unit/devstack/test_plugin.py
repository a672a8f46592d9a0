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
"""The DevStack plugin calls DevStack as it is documented."""

import pathlib
import re
import shlex
import subprocess
import sys

import testtools

from tests.devstack import published

ROOT = pathlib.Path(__file__).resolve().parents[3]
PLUGIN = [
    ROOT / 'devstack' / n for n in ('settings', 'plugin.sh', 'lib/migrate')
]
SCRIPTS = [*PLUGIN, *sorted((ROOT / 'tests/devstack').glob('*.sh'))]
DEFINED = re.compile(r'^ *function (\w+) \{', re.MULTILINE)
#: Phases and modes of https://docs.openstack.org/devstack/latest/plugins.html
PHASES = {'pre-install', 'install', 'post-config', 'extra', 'test-config'}
#: What may stand before a command.
BEFORE = r'(?:^|\$\(|[;&|]|\b(?:if|then|do|else))\s*(?:! )?'


def calls(text, name):
    """Return the arguments of each call of ``name``, as shell words."""
    text = re.sub(r'\\\n\s*', ' ', text)
    text = re.sub(r'^ *#.*$', '', text, flags=re.MULTILINE)
    found = re.finditer(
        rf'{BEFORE}{name}(?= |\)|;|$)([^\n]*)', text, re.MULTILINE
    )
    return [words(match[1]) for match in found]


def words(rest):
    """Return the shell words up to the end of the command."""
    # What a substitution prints is one word.
    while True:
        shorter = re.sub(r'\$\([^()]*\)', 'substituted', rest)
        if shorter == rest:
            break
        rest = shorter
    lexer = shlex.shlex(rest, posix=True, punctuation_chars=';&|)')
    lexer.whitespace_split = True
    found = []
    for word in lexer:
        if word and word[0] in ';&|)':
            break
        found.append(word)
    return found


class TestScripts(testtools.TestCase):
    def test_bash_can_read_them(self):
        for script in SCRIPTS:
            subprocess.run(['bash', '-n', script], check=True)

    def test_style(self):
        # E006, lines of 79 characters, is not held by DevStack itself.
        command = ['bashate', '--ignore', 'E006', *map(str, SCRIPTS)]
        done = subprocess.run(
            [pathlib.Path(sys.executable).parent / command[0], *command[1:]],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((0, ''), (done.returncode, done.stdout))


class TestFunctions(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.text = '\n'.join(path.read_text() for path in PLUGIN)
        stand_in = (ROOT / 'tests/devstack/functions.sh').read_text()
        self.stand_in = set(DEFINED.findall(stand_in)) - {'sudo'}

    def test_the_stand_in_has_published_functions_only(self):
        self.assertEqual(set(published.FUNCTIONS), self.stand_in)

    def test_the_plugin_calls_all_of_them(self):
        # restart_apache_server is what the stand-in itself needs.
        unused = {name for name in self.stand_in if not calls(self.text, name)}
        self.assertEqual({'restart_apache_server'}, unused)

    def test_numbers_of_arguments(self):
        for name, usage in published.FUNCTIONS.items():
            least, most = published.numbers(usage)
            for arguments in calls(self.text, name):
                self.assertTrue(
                    least <= len(arguments) <= most,
                    f'{name} {usage}: {arguments}',
                )

    def test_our_own_functions_do_not_hide_those_of_devstack(self):
        own = set(DEFINED.findall(self.text))
        self.assertEqual([], [name for name in own if 'migrate' not in name])

    def test_phases_are_documented_ones(self):
        phases = re.findall(r'"\$2" == "([\w-]+)"', self.text)
        self.assertEqual(set(), set(phases) - PHASES)
        modes = set(re.findall(r'"\$1" == "([\w-]+)"', self.text))
        self.assertEqual({'stack', 'unstack', 'clean'}, modes)


class TestSettings(testtools.TestCase):
    def test_each_can_be_overridden_and_is_told_of(self):
        text = (ROOT / 'devstack/settings').read_text()
        readme = (ROOT / 'devstack/README.md').read_text()
        names = re.findall(r'^ *(MIGRATE_\w+)=', text, re.MULTILINE)
        for name in names:
            self.assertRegex(
                text, rf'{name}=\$(\{{{name}:-|\(trueorfalse \w+ {name}\))'
            )
            self.assertIn(f'`{name}`', readme)
