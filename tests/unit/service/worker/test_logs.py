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

"""The logs of tools on their way to the conductor."""

import fixtures
import testtools

from migrate_service.worker import logs


class TestLogs(testtools.TestCase):
    def test_what_tools_quote_commands_no_terminal(self):
        sent = []
        folder = self.useFixture(fixtures.TempDir()).path
        shipped = logs.Logs(folder, lambda tool, text: sent.append(text))
        with open(shipped.path('inspect'), 'wb') as log:
            log.write('a\tb\r\nhost \x1b[2J\x9b1m\0\x07 ä\n'.encode())
        shipped.ship()
        (text,) = sent
        self.assertEqual('a\tb\r\nhost �[2J�1m�� ä\n', text)
