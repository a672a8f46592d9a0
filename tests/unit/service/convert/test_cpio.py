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

import io
import shutil
import subprocess
import tempfile

import testtools

from migrate_service.convert import cpio


class Stream:
    def __init__(self, data):
        self.data = io.BytesIO(data)

    def read(self, size):
        return self.data.read(size)

    def skip(self, size):
        self.data.seek(size, 1)


class CpioTest(testtools.TestCase):
    FILES = [('a', None), ('a/b', b'content'), ('a/empty', b'')]

    def test_lists_what_it_writes(self):
        found = list(cpio.entries(Stream(cpio.archive(self.FILES))))
        self.assertEqual(
            [('a', 0o40755), ('a/b', 0o100644), ('a/empty', 0o100644)], found
        )

    def test_cpio_unpacks_what_it_writes(self):
        if not shutil.which('cpio'):
            self.skipTest('cpio is not installed')
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                ['cpio', '-i', '--quiet'],
                input=cpio.archive(self.FILES),
                cwd=folder,
                check=True,
            )
            with open(f'{folder}/a/b', 'rb') as stream:
                self.assertEqual(b'content', stream.read())

    def test_is_aligned_to_four_bytes(self):
        for size in range(5):
            data = cpio.archive([('x' * (size + 1), b'1' * size)])
            self.assertEqual(0, len(data) % 4)

    def test_refuses_what_is_no_header(self):
        good = cpio.archive(self.FILES)
        for bad in (b'', b'070701', good[:-120], b'x' * 200):
            with testtools.ExpectedException(cpio.Malformed):
                list(cpio.entries(Stream(bad)))

    def test_refuses_digits_that_are_none_and_endless_names(self):
        header = b'070701' + b'0' * 88
        for length in (b'ZZZZZZZZ', b'FFFFFFFF', b'00000000'):
            with testtools.ExpectedException(cpio.Malformed):
                list(cpio.entries(Stream(header + length + b'0' * 99)))
