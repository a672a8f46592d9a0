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

"""The benchmark runs to its end and tells every figure."""

import json
import os
import pathlib
import subprocess
import sys

import fixtures
import testtools

ROOT = pathlib.Path(__file__).parents[2]
FIGURES = {
    'full_copy_local',
    'full_copy_5ms',
    'full_copy_serial',
    'full_copy_local_memory',
    'full_copy_5ms_memory',
    'full_copy_serial_memory',
    'delta_5ms_vs_sync',
    'delta_vs_nbdcopy',
    'multi_disk',
    'resume',
    'overhead',
}


class TestBench(testtools.TestCase):
    def test_tells_every_figure(self):
        """Of disks so small that the values say nothing."""
        if os.geteuid():
            self.skipTest('a loop device needs root')
        folder = self.useFixture(fixtures.TempDir()).path
        path = f'{folder}/figures.json'
        options = ['--quick', '--rounds', '1', '--size', '32']
        done = subprocess.run(
            [sys.executable, '-m', 'tools.bench', *options]
            + ['--folder', folder, '--json', path],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(0, done.returncode, done.stdout)
        with open(path) as file:
            found = json.load(file)
        self.assertEqual(FIGURES, set(found))
        for name in FIGURES - {'overhead', 'resume'}:
            self.assertThat(found[name], testtools.matchers.GreaterThan(0))
        self.assertThat(found['resume'], testtools.matchers.LessThan(1))

    def test_refuses_an_unknown_group(self):
        done = subprocess.run(
            [sys.executable, '-m', 'tools.bench', 'speed'],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        self.assertEqual(2, done.returncode)
        self.assertIn('no such group: speed', done.stderr)
