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
"""The examples of ``etc/`` are understood by the programs they are for."""

import configparser
import pathlib
import re
import shutil
import subprocess
import tomllib

import fixtures
import testtools

ROOT = pathlib.Path(__file__).resolve().parents[2]
ETC = ROOT / 'etc'
HOME = '/opt/migrate/bin/'


class TestUnits(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.units = sorted((ETC / 'systemd').glob('*.service'))

    def test_each_daemon_has_one(self):
        project = tomllib.loads((ROOT / 'pyproject.toml').read_text())
        scripts = project['project']['scripts']
        started = set()
        for unit in self.units:
            found = re.findall(
                rf'^ExecStart={HOME}(\S+)', unit.read_text(), re.M
            )
            started.update(found)
        self.assertEqual(
            {'uwsgi', 'migrate-conductor', 'migrate-worker'}, started
        )
        self.assertEqual(set(), started - {'uwsgi'} - set(scripts))

    def test_systemd_takes_them(self):
        if not shutil.which('systemd-analyze'):
            self.skipTest('there is no systemd-analyze')
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        for unit in self.units:
            # The programs need not be installed where the units say.
            text = re.sub(rf'{HOME}\S+', '/bin/true', unit.read_text())
            (folder / unit.name).write_text(text)
        done = subprocess.run(
            ['systemd-analyze', 'verify', *sorted(folder.iterdir())],
            capture_output=True,
            text=True,
            check=False,
        )
        ours = [
            line for line in done.stderr.splitlines() if 'migrate-' in line
        ]
        self.assertEqual([], ours)


class TestUwsgi(testtools.TestCase):
    def test_the_module_is_there(self):
        parser = configparser.ConfigParser(inline_comment_prefixes=None)
        parser.read(ETC / 'uwsgi' / 'uwsgi.ini')
        module, name = parser['uwsgi']['module'].split(':')
        self.assertEqual('application', name)
        path = ROOT.joinpath(*module.split('.')).with_suffix('.py')
        self.assertTrue(path.exists(), path)


class TestLogrotate(testtools.TestCase):
    def test_logrotate_takes_it(self):
        program = shutil.which('logrotate', path='/usr/sbin:/usr/bin')
        if not program:
            self.skipTest('there is no logrotate')
        done = subprocess.run(
            [program, '--debug', ETC / 'logrotate.d' / 'migrate'],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertNotIn('error', done.stderr)
