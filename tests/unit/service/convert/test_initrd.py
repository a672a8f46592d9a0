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

import bz2
import gzip
import lzma
import os
import shutil
import subprocess
import tempfile
from unittest import mock

import testtools

from migrate_service.convert import cpio
from migrate_service.convert import initrd

MICROCODE = cpio.archive([('kernel', None), ('kernel/ucode', b'\0' * 3000)])
MAIN = cpio.archive([('lib', None), ('lib/virtio_blk.ko', os.urandom(99_999))])
OVERLAY = cpio.archive([('lib/later', b'x')])
PADDING = b'\0' * 512


def tool(*command):
    def compress(data):
        return subprocess.run(
            command, input=data, capture_output=True, check=True
        ).stdout

    return command[0], compress


COMPRESSIONS = {
    'gzip': (None, gzip.compress),
    'xz': (None, lambda data: lzma.compress(data, check=lzma.CHECK_CRC32)),
    'lzma': (None, lambda data: lzma.compress(data, lzma.FORMAT_ALONE)),
    'bzip2': (None, bz2.compress),
    'zstd': tool('zstd', '-qc'),
    'zstd-19': tool('zstd', '-qc', '-19', '--no-check'),
    'lz4': tool('lz4', '-lqc'),
}


class ListingTest(testtools.TestCase):
    def listing(self, *parts):
        with tempfile.NamedTemporaryFile() as image:
            image.write(b''.join(parts))
            image.flush()
            return set(initrd.listing(image.name))

    def test_reads_archives_in_a_row_of_every_compression(self):
        for name, (program, compress) in COMPRESSIONS.items():
            if program and not shutil.which(program):
                continue
            found = self.listing(
                MICROCODE, PADDING, compress(MAIN), PADDING, OVERLAY, PADDING
            )
            self.assertEqual(
                {'kernel', 'kernel/ucode', 'lib', 'lib/virtio_blk.ko'}
                | {'lib/later'},
                found,
                name,
            )

    def test_reads_two_compressed_archives_without_padding(self):
        found = self.listing(gzip.compress(MAIN), lzma.compress(OVERLAY))
        self.assertEqual({'lib', 'lib/virtio_blk.ko', 'lib/later'}, found)

    def assert_unreadable(self, reason, *parts):
        error = self.assertRaises(initrd.Unreadable, self.listing, *parts)
        self.assertIn(reason, str(error))

    def test_refuses_what_is_damaged(self):
        packed = gzip.compress(MAIN)
        for reason, image in (
            ('empty', b''),
            ('empty', PADDING),
            ('compression is unknown', b'#!/bin/sh\n'),
            ('damaged', packed[:60] + b'\xff' * 60 + packed[120:]),
            ('early', packed[:-400]),
            ('in the middle', MAIN[:5000]),
            ('in the middle', gzip.compress(MAIN[:5000])),
        ):
            self.assert_unreadable(reason, image)

    def test_refuses_damaged_zstd_frames(self):
        if not shutil.which('zstd'):
            self.skipTest('zstd is not installed')
        packed = COMPRESSIONS['zstd'][1](MAIN)
        for image in (packed[:40], packed[:8] + os.urandom(300), packed[:4]):
            self.assertRaises(initrd.Unreadable, self.listing, image)

    def test_stops_at_an_endless_file_behind_a_compression(self):
        header = bytearray(cpio.archive([('huge', b'')])[:112])
        header[54:62] = b'FFFFFFF0'
        bomb = gzip.compress(bytes(header) + b'\0' * (64 << 20))
        with mock.patch.object(initrd, 'MAX_UNPACKED', 16 << 20):
            self.assert_unreadable('unpacks to over', bomb)
        self.assert_unreadable('in the middle', bomb)

    def test_stops_at_endless_zeros_behind_a_compression(self):
        bomb = gzip.compress(MAIN + b'\0' * (64 << 20))
        with mock.patch.object(initrd, 'MAX_UNPACKED', 16 << 20):
            self.assert_unreadable('unpacks to over', bomb)

    def test_stops_at_too_many_files_and_archives(self):
        many = cpio.archive([(f'f{i}', b'') for i in range(2000)])
        with mock.patch.object(initrd, 'MAX_ENTRIES', 1000):
            self.assert_unreadable('over 1000 files', many)
        self.assert_unreadable('over 64 archives', OVERLAY * 65)

    def test_refuses_a_dictionary_larger_than_the_memory(self):
        greedy = {
            'id': lzma.FILTER_LZMA2,
            'preset': 0,
            'dict_size': 256 << 20,
        }
        image = lzma.compress(MAIN, filters=[greedy])
        self.assert_unreadable('damaged', image)
