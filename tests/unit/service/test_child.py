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

"""Child processes end with all of their group."""

import os
import sys

import fixtures
import testtools

from migrate_service import child

#: A grandchild of the same group that takes a while to die: the kernel has to
#: give back 512 MiB first.
PROGRAM = """
import os, time
if os.fork():
    time.sleep(600)
held = b'x' * (512 << 20)
print(os.getpid(), flush=True)
time.sleep(600)
"""


class TestKill(testtools.TestCase):
    def test_nobody_of_the_group_is_left(self):
        folder = self.useFixture(fixtures.TempDir())
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        started = child.Child(
            [sys.executable, '-c', PROGRAM],
            log=folder.join('log'),
            stdout=writer,
        )
        os.close(writer)
        self.addCleanup(started.kill)
        pid = int(os.read(reader, 10))
        started.kill()
        try:
            with open(f'/proc/{pid}/stat') as stat:
                state = stat.read().rpartition(')')[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            state = 'gone'
        # A zombie is there until whoever inherited it looks.
        self.assertIn(state, ('Z', 'X', 'gone'))
