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

"""streamOptimized VMDKs for tests, as ESXi writes them, and damaged ones."""

import random
import struct
import zlib

GRAIN = 128
SECTOR = 512


def header(capacity, *, directory=2**64 - 1, overhead=128, **changes):
    """Return the sector of a header; sizes in sectors."""
    fields = {
        'magic': b'KDMV',
        'version': 3,
        'flags': 0x30001,
        'capacity': capacity,
        'grain': GRAIN,
        'descriptor': 1,
        'descriptor_size': 20,
        'entries': 512,
        'redundant': 0,
        'directory': directory,
        'overhead': overhead,
        'unclean': 0,
        'lines': b'\n \r\n',
        'compression': 1,
    } | changes
    data = struct.pack('<4sIIQQQQIQQQB4sH', *fields.values())
    return data.ljust(SECTOR, b'\0')


def marker(kind, sectors):
    return struct.pack('<QII', sectors, 0, kind).ljust(SECTOR, b'\0')


class Writer:
    """Writes the stream of a disk in ESXi's layout: directory at the end.

    ``drop`` names grains that the tables tell of, but that are not there.
    """

    def __init__(self, content, drop=(), **changes):
        self.content = content
        self.drop = drop
        self.capacity = len(content) // SECTOR
        self.changes = changes
        self.out = bytearray()

    def stream(self):
        """Return the whole stream."""
        self.out += header(self.capacity, **self.changes)
        self.out += b'# Disk DescriptorFile\n'
        self.pad(128)
        tables = {}
        size = GRAIN * SECTOR
        for number in range(-(-len(self.content) // size)):
            data = self.content[number * size : (number + 1) * size]
            if number % 512 == 0 and number:
                self.close(tables, number // 512 - 1)
            if any(data):
                at = self.grain(number, data.ljust(size, b'\0'))
                tables.setdefault(number // 512, {})[number % 512] = at
        self.close(tables, number // 512)
        self.end(tables, number // 512 + 1)
        return bytes(self.out)

    def grain(self, number, data):
        at = len(self.out) // SECTOR
        if number not in self.drop:
            packed = zlib.compress(data)
            self.out += struct.pack('<QI', number * GRAIN, len(packed))
            self.out += packed
            self.pad(1)
        return at

    def close(self, tables, number):
        entries = tables.get(number)
        if entries:
            self.out += marker(1, 4)
            tables[number] = len(self.out) // SECTOR
            self.out += struct.pack(
                '<512I', *(entries.get(i, 0) for i in range(512))
            )

    def end(self, tables, count):
        sectors = -(-count * 4 // SECTOR)
        self.out += marker(2, sectors)
        directory = len(self.out) // SECTOR
        self.out += struct.pack(
            f'<{count}I', *(tables.get(i, 0) for i in range(count))
        )
        self.pad(1)
        self.out += marker(3, 1)
        self.out += header(self.capacity, directory=directory)
        self.out += marker(0, 0)

    def pad(self, sectors):
        size = sectors * SECTOR
        self.out += bytes(-len(self.out) % size)


def content(size, seed=1):
    """Return a disk with data, half-filled grains and holes."""
    rng = random.Random(seed)
    data = bytearray(size)
    for _ in range(max(1, size >> 18)):
        at = rng.randrange(0, size, SECTOR)
        length = min(size - at, rng.choice((512, 4096, 65536, 300_000)))
        half = length // 2
        data[at : at + half] = rng.randbytes(half)
        data[at + half : at + length] = b'text' * ((length - half) // 4)
    return bytes(data[:size])
