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

import errno
import mmap
import os

from migrate_service.transfer import targets
from tests.unit.service.transfer import disks

MIB = disks.MIB


class FileTargetTest(disks.TransferTest):
    def setUp(self):
        super().setUp()
        self.old = self.random.randbytes(4 * MIB)
        path = self.store('target', self.old)
        self.target = targets.FileTarget(path, len(self.old))

    def placed(self, offset, size):
        """Return random bytes at an address that fits the offset."""
        slot = memoryview(mmap.mmap(-1, size + mmap.PAGESIZE))
        view = slot[offset % mmap.PAGESIZE :][:size]
        view[:] = self.random.randbytes(size)
        return view

    def check(self, offset, content):
        self.target.flush()
        expected = bytearray(self.old)
        expected[offset : offset + len(content)] = content
        same = self.load('target') == expected
        self.assertTrue(same, 'the content differs')

    def test_writes_at_any_place(self):
        for _ in range(20):
            offset = self.random.randrange(3 * MIB)
            view = self.placed(offset, self.random.randrange(1, MIB))
            self.target.write(offset, view)
            self.check(offset, view)
            self.old = self.load('target')

    def test_writes_zeros_where_holes_cannot_be_made(self):
        self.target._punch = False
        direct = self.target._direct
        self.target.zero(700, 3 * MIB)
        self.check(700, bytes(3 * MIB))
        self.assertEqual(direct, self.target._direct)

    def test_goes_through_the_page_cache_where_it_must(self):
        """A file system may take O_DIRECT at open and refuse the write."""
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, read_end)
        self.addCleanup(os.close, write_end)

        def refuse(fd, view, offset):
            if fd == write_end:
                raise OSError(errno.EINVAL, 'not aligned enough')
            return os.pwrite(fd, view, offset)

        self.target._direct = write_end
        original = targets._write
        self.addCleanup(setattr, targets, '_write', original)
        targets._write = refuse
        view = self.placed(0, MIB)
        self.target.write(0, view)
        self.check(0, view)
        self.assertIsNone(self.target._direct)
