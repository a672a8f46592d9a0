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
import os
import shutil
import struct
import subprocess
import zlib

import fixtures
import testtools

from migrate_service.transfer import vmdk
from tests.unit.service.transfer import vmdks

MIB = 1024 * 1024
#: Two grain tables, the second in part; the last grain is not a whole one.
SIZE = 40 * MIB + 7 * 512


def read_all(stream, size, step=MIB, piece=None):
    """Return the disk of a stream, read in steps from small pieces."""
    source = io.BytesIO(stream)
    disk = vmdk.Disk(lambda n: source.read(min(n, piece or n)), size)
    return b''.join(
        bytes(disk.read(at, min(step, size - at)))
        for at in range(0, size, step)
    )


class DecoderTest(testtools.TestCase):
    def test_esxi_layout(self):
        content = vmdks.content(SIZE)
        stream = vmdks.Writer(content).stream()
        for step, piece in ((MIB, None), (77 * 512, 1000), (SIZE, 65536)):
            self.assertEqual(content, read_all(stream, SIZE, step, piece))

    def test_an_empty_disk(self):
        stream = vmdks.Writer(bytes(SIZE)).stream()
        self.assertEqual(bytes(SIZE), read_all(stream, SIZE))

    def test_layout_and_content_of_qemu(self):
        if not shutil.which('qemu-img'):
            self.skipTest('qemu-img is not there')
        folder = self.useFixture(fixtures.TempDir()).path
        raw, packed = (os.path.join(folder, x) for x in ('raw', 'vmdk'))
        for seed, size in enumerate((SIZE, 3 * MIB, 512, 33 * MIB)):
            content = vmdks.content(size, seed)
            with open(raw, 'wb') as image:
                image.write(content)
            subprocess.run(
                [
                    *('qemu-img', 'convert', '-f', 'raw', '-O', 'vmdk'),
                    *(
                        '-t',
                        'unsafe',
                        '-o',
                        'subformat=streamOptimized',
                        raw,
                        packed,
                    ),
                ],
                check=True,
            )
            with open(packed, 'rb') as image:
                stream = image.read()
            padded = content.ljust(-(-size // 512) * 512, b'\0')
            self.assertEqual(padded, read_all(stream, len(padded)))
            self.assert_refuses_cuts(stream, len(padded))

    def test_qemu_reads_what_stands_for_esxi(self):
        if not shutil.which('qemu-img'):
            self.skipTest('qemu-img is not there')
        folder = self.useFixture(fixtures.TempDir()).path
        raw, packed = (os.path.join(folder, x) for x in ('raw', 'vmdk'))
        content = vmdks.content(SIZE)
        writer = vmdks.Writer(content)
        stream = bytearray(writer.stream())
        text = (
            '# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n'
            'createType="streamOptimized"\n'
            f'RDONLY {SIZE // 512} SPARSE "x.vmdk"\n'
        ).encode()
        stream[512 : 512 + len(text)] = text
        with open(packed, 'wb') as image:
            image.write(stream)
        subprocess.run(
            [
                *('qemu-img', 'convert', '-f', 'vmdk', '-O', 'raw'),
                *('-t', 'unsafe', packed, raw),
            ],
            check=True,
        )
        with open(raw, 'rb') as image:
            self.assertEqual(content, image.read())

    def test_any_cut_is_noticed(self):
        content = vmdks.content(3 * MIB)
        self.assert_refuses_cuts(vmdks.Writer(content).stream(), 3 * MIB)

    def assert_refuses_cuts(self, stream, size):
        ends = {0, 1, 511, 512, 700, len(stream) // 2, len(stream) - 1024}
        ends |= {len(stream) - 512 - 1, len(stream) // 2 // 512 * 512}
        for end in ends:
            if end < len(stream) and any(stream[end:]):
                self.assertRaises(
                    vmdk.StreamError, read_all, stream[:end], size
                )

    def test_a_lost_grain_is_noticed_before_the_last_byte(self):
        content = vmdks.content(SIZE)
        grains = [
            at // 65536
            for at in range(0, SIZE, 65536)
            if any(content[at : at + 65536])
        ]
        for lost in (grains[0], grains[len(grains) // 2], grains[-1]):
            writer = vmdks.Writer(content, drop={lost})
            error = self.assertRaises(
                vmdk.StreamError, read_all, writer.stream(), SIZE
            )
            self.assertIn('other grains', str(error))

    def test_odd_headers(self):
        table = (
            ({'magic': b'QFI\xfb'}, 'no sparse VMDK'),
            ({'version': 9}, 'no sparse VMDK'),
            ({'lines': b'\n \n\n'}, 'line ends'),
            ({'flags': 1}, 'no streamOptimized'),
            ({'compression': 0}, 'no streamOptimized'),
            ({'capacity': 2**63}, 'where the disk has'),
            ({'grain': 0}, 'grains have 0'),
            ({'grain': 100}, 'grains have 100'),
            ({'grain': 2**40}, 'grains have'),
            ({'entries': 2**31}, 'entries'),
            ({'overhead': 2**50}, 'before its grains'),
            ({'overhead': 0}, 'before its grains'),
            ({'directory': 2**60}, 'not in front'),
        )
        for changes, words in table:
            sector = vmdks.header(**{'capacity': SIZE // 512} | changes)
            error = self.assertRaises(
                vmdk.StreamError, read_all, sector + bytes(2 * MIB), SIZE
            )
            self.assertIn(words, str(error), changes)

    def test_odd_markers(self):
        good = zlib.compress(bytes(65536))
        table = (
            ((0, 2**32 - 1, b''), 'too long'),
            ((5, len(good), good), 'out of order'),
            ((SIZE // 512 + 128, len(good), good), 'out of order'),
            ((2**63, len(good), good), 'out of order'),
            ((0, 100, bytes(100)), 'damaged'),
            ((0, len(good) - 3, good), 'another length'),
            ((0, None, zlib.compress(bytes(2**26))), 'another length'),
            ((0, None, zlib.compress(bytes(65535))), 'another length'),
        )
        head = vmdks.header(SIZE // 512, overhead=1)
        for (sector, length, data), words in table:
            length = len(data) if length is None else length
            stream = head + struct.pack('<QI', sector, length) + data
            error = self.assertRaises(
                vmdk.StreamError, read_all, stream + bytes(70000), SIZE
            )
            self.assertIn(words, str(error))

    def test_odd_metadata(self):
        head = vmdks.header(SIZE // 512, overhead=1)
        table = (
            (vmdks.marker(7, 1), 'unknown kind 7'),
            (vmdks.marker(1, 2**40), 'unknown kind 1'),
            (vmdks.marker(2, 2**40), 'unknown kind 2'),
            (vmdks.marker(0, 0), 'without a footer'),
            (
                (vmdks.marker(1, 4) + bytes(2048)) * 9,
                'more tables',
            ),
            (
                vmdks.marker(3, 1) + head + vmdks.marker(0, 0),
                'no grain directory',
            ),
            (
                vmdks.marker(2, 1)
                + struct.pack('<I', 99).ljust(512, b'\0')
                + vmdks.marker(3, 1)
                + vmdks.header(SIZE // 512, directory=2)
                + vmdks.marker(0, 0),
                'did not come',
            ),
        )
        for body, words in table:
            error = self.assertRaises(
                vmdk.StreamError, read_all, head + body, SIZE
            )
            self.assertIn(words, str(error))

    def test_a_grain_comes_once_and_in_order(self):
        good = zlib.compress(b'x' * 65536)
        one = (struct.pack('<QI', 128, len(good)) + good).ljust(512, b'\0')
        head = vmdks.header(SIZE // 512, overhead=1)
        error = self.assertRaises(
            vmdk.StreamError, read_all, head + one + one, SIZE
        )
        self.assertIn('out of order', str(error))

    def test_a_disk_does_not_go_back(self):
        stream = vmdks.Writer(vmdks.content(3 * MIB)).stream()
        disk = vmdk.Disk(io.BytesIO(stream).read, 3 * MIB)
        disk.read(MIB, 512)
        self.assertRaises(ValueError, disk.read, 0, 512)
        self.assertRaises(ValueError, disk.read, 3 * MIB, 512)

    def test_a_broken_stream_stays_broken(self):
        stream = vmdks.Writer(vmdks.content(3 * MIB)).stream()
        source = io.BytesIO(stream[: len(stream) // 2])
        disk = vmdk.Disk(source.read, 3 * MIB)
        for _ in range(3):
            self.assertRaises(vmdk.StreamError, disk.read, 2 * MIB, MIB)
