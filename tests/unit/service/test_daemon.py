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

"""What daemons do before they serve."""

import subprocess
import sys

import testtools

# In a process of its own: the backend of oslo.service is chosen once.
SCRIPT = """
import resource
from unittest import mock

from migrate_service.cmd import daemon

with (
    mock.patch.object(daemon, 'migrate_conf'),
    mock.patch.object(daemon, 'report_opts'),
    mock.patch.object(daemon.guru, 'TextGuruMeditation'),
    mock.patch.object(daemon.service, 'launch'),
):
    daemon.run('migrate-test', [], 'topic', None)
print(resource.getrlimit(resource.RLIMIT_CORE))
"""


class TestDaemon(testtools.TestCase):
    def test_no_core_is_dumped(self):
        done = subprocess.run(
            [sys.executable, '-c', SCRIPT],
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual('(0, 0)', done.stdout.strip())
