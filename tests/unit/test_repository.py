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
"""The documentation tells the truth about the repository."""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTRIBUTOR = ROOT / 'doc/source/contributor'
PACKAGES = ('migrate_service', 'migrate_client', 'migrate_dashboard')


class TestRepository(unittest.TestCase):
    def test_overview_lists_every_package_folder(self):
        text = (CONTRIBUTOR / 'repo-overview.rst').read_text()
        listed = set(re.findall(r'^``([^`]+)``$', text, re.MULTILINE))
        folders = {
            str(path.parent.relative_to(ROOT))
            for package in PACKAGES
            for path in (ROOT / package).rglob('__init__.py')
        }
        self.assertEqual(folders, listed)

    def test_diagram_of_states_is_current(self):
        drawn = subprocess.run(
            [sys.executable, ROOT / 'tools/states_to_dot.py'],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.assertEqual(drawn, (CONTRIBUTOR / 'states.dot').read_text())
