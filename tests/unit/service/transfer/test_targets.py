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

"""Tests of raw files that are written past the page cache."""

import os

import fixtures

from migrate_service.transfer import targets
from tests.unit.service.transfer import disks

BEHIND = 'migrate_service.transfer.targets.BEHIND'
MIB = disks.MIB


class FileTargetTest(disks.TransferTest):
    def setUp(self):
        super().setUp()
        self.old = self.random.randbytes(4 * MIB)
        path = self.store('target', self.old)
        self.target = targets.FileTarget(path, len(self.old))

    def check(self, offset, content):
        self.target.flush()
        expected = bytearray(self.old)
        expected[offset : offset + len(content)] = content
        same = self.load('target') == expected
        self.assertTrue(same, 'the content differs')

    def test_writes_at_any_place(self):
        for _ in range(20):
            offset = self.random.randrange(3 * MIB)
            content = self.random.randbytes(self.random.randrange(1, MIB))
            self.target.write(offset, memoryview(content))
            self.check(offset, content)
            self.old = self.load('target')

    def test_writes_zeros_where_holes_cannot_be_made(self):
        self.target._punch = False
        self.target.zero(700, 3 * MIB)
        self.check(700, bytes(3 * MIB))

    def test_waits_for_what_was_written_long_ago(self):
        self.useFixture(fixtures.MonkeyPatch(BEHIND, MIB))
        content = self.random.randbytes(3 * MIB)
        for at in range(0, 3 * MIB, MIB // 4):
            self.target.write(at, memoryview(content)[at : at + MIB // 4])
        trail = self.target._trail
        self.assertEqual(MIB, sum(size for _, size in trail._under_way))
        self.check(0, content)

    def test_writes_where_nothing_can_be_sent_ahead(self):
        """Not each file system has what the trail asks for."""
        self.useFixture(fixtures.MonkeyPatch(BEHIND, 0))
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, read_end)
        self.addCleanup(os.close, write_end)
        self.target._trail._fd = write_end
        content = self.random.randbytes(MIB)
        self.target.write(5, memoryview(content))
        self.check(5, content)
