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
"""Tests of the lab's reading of bindep.txt."""

import testtools

from tests.lab import bindep
from tests.lab import settings

TEXT = """\
# a comment
always
g++ [lab worker]  # both
libnbd-bin [worker]
dnf-only [platform:rpm lab]
apt-only [platform:dpkg lab]
"""


class TestPackages(testtools.TestCase):
    def test_profiles_select_their_packages(self):
        self.assertEqual(
            ['always', 'apt-only', 'g++'], bindep.packages(TEXT, ['lab'])
        )
        self.assertEqual(
            ['always', 'g++', 'libnbd-bin'], bindep.packages(TEXT, ['worker'])
        )

    def test_a_line_that_is_not_understood_is_named(self):
        error = self.assertRaises(
            ValueError, bindep.packages, 'fine\ntwo words\n', ['lab']
        )
        self.assertIn('line 2', str(error))

    def test_the_lab_installs_what_every_other_profile_names(self):
        text = (settings.CHECKOUT / 'bindep.txt').read_text()
        lab = set(bindep.packages(text, ['lab']))
        others = set(bindep.packages(text, ['worker', 'test']))
        self.assertEqual(set(), others - lab)
