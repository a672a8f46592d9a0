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

"""List what is in an initramfs, within limits, without unpacking it.

The image belongs to a guest and may be hostile, and libguestfs's own
``initrd-list`` knows a single gzip archive only, while guests have several
archives in a row (microcode first) in any of five compressions. So the image
is fetched as one bounded file and *listed* here, in the child process that
inspects, with these bounds: Python's zlib, lzma and bz2 (memory-limited), and
zstd(1) and lz4(1) as children that only write to a pipe we read. Nothing is
unpacked to a file system, no content is kept, nothing of the guest is run.
"""

import bz2
import io
import lzma
import subprocess
import typing
import zlib

from migrate_service.convert import cpio

#: Most that is ever decompressed, of all archives together, in bytes.
MAX_UNPACKED = 2 << 30
MAX_ENTRIES = 200_000
#: Most bytes of names together: bounds the memory of the listing.
MAX_NAMES = 32 << 20
MAX_ARCHIVES = 64
#: Largest dictionary that an xz or zstd image may ask for, in bytes.
MAX_MEMORY = 192 << 20
CHUNK = 1 << 16

ZSTD = b'\x28\xb5\x2f\xfd'
LZ4 = b'\x02\x21\x4c\x18'
#: LZ4_compressBound(8 MiB): a larger block size is the next thing's magic.
LZ4_LARGEST_BLOCK = (8 << 20) + (8 << 20) // 255 + 16

#: magic: what makes a decompressor with the interface of bz2's
IN_PROCESS = {
    b'\x1f\x8b': lambda: _Zlib(),
    b'\xfd7zXZ\0': lambda: lzma.LZMADecompressor(memlimit=MAX_MEMORY),
    b'\x5d\0\0': lambda: lzma.LZMADecompressor(
        lzma.FORMAT_ALONE, memlimit=MAX_MEMORY
    ),
    b'BZh': bz2.BZ2Decompressor,
}
TOOLS = {
    ZSTD: ('zstd', '-dcq', '--single-thread', f'--memory={MAX_MEMORY}'),
    LZ4: ('lz4', '-dcq'),
}


class Unreadable(Exception):
    """The image is damaged, unknown, or larger than the limits."""


def listing(path):
    """Return ``{path in the image: mode}`` of all archives in a file.

    :param path: the image, a file of the host.
    :raises Unreadable: with the reason, one sentence without a full stop.
    """
    budget = _Budget()
    with open(path, 'rb') as image:
        try:
            while _skip_zeros(image):
                budget.archives += 1
                if budget.archives > MAX_ARCHIVES:
                    raise Unreadable(f'it has over {MAX_ARCHIVES} archives')
                _one_archive(image, budget)
        except cpio.Malformed as error:
            raise Unreadable(f'it is damaged: {error}') from error
    if not budget.found:
        raise Unreadable('it is empty')
    return budget.found


class _Budget:
    """What was found, and how much of the limits that used."""

    def __init__(self):
        self.found = {}
        self.unpacked = 0
        self.names = 0
        self.archives = 0

    def spend(self, size):
        self.unpacked += size
        if self.unpacked > MAX_UNPACKED:
            raise Unreadable(f'it unpacks to over {MAX_UNPACKED} bytes')

    def add(self, path, mode):
        self.names += len(path)
        if len(self.found) >= MAX_ENTRIES or self.names > MAX_NAMES:
            raise Unreadable(f'it holds over {MAX_ENTRIES} files')
        self.found[path] = mode


class _Stream:
    """Exact reads and skips from an iterator of chunks, on the budget."""

    def __init__(self, chunks, budget):
        self.chunks = chunks
        self.budget = budget
        self.buffer = b''

    def read(self, size):
        while len(self.buffer) < size:
            self.buffer += self._next()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def skip(self, size):
        while len(self.buffer) < size:
            size -= len(self.buffer)
            self.buffer = self._next()
        self.buffer = self.buffer[size:]

    def more(self):
        """Go past zero bytes; return whether anything follows."""
        while not (stripped := self.buffer.lstrip(b'\0')):
            self.buffer = self._chunk()
            if not self.buffer:
                return False
        self.buffer = stripped
        return True

    def _next(self):
        chunk = self._chunk()
        if not chunk:
            raise Unreadable('it ends in the middle of an archive')
        return chunk

    def _chunk(self):
        chunk = next(self.chunks, b'')
        self.budget.spend(len(chunk))
        return chunk


def _skip_zeros(image):
    """Move to the next byte that is not zero; False at the end."""
    while chunk := image.read(CHUNK):
        rest = chunk.lstrip(b'\0')
        if rest:
            image.seek(-len(rest), 1)
            return True
    return False


def _one_archive(image, budget):
    """List the archive at the position of ``image`` and move behind it."""
    start = image.tell()
    magic = image.read(6)
    image.seek(start)
    if magic in cpio.MAGICS:
        stream = _Stream(iter(lambda: image.read(CHUNK), b''), budget)
        _collect(stream, budget)
        image.seek(-len(stream.buffer), 1)
        return
    for start_bytes, decompressor in IN_PROCESS.items():
        if magic.startswith(start_bytes):
            return _compressed(image, decompressor(), budget)
    if magic[:4] in TOOLS:
        end = _frame_end(image, magic[:4])
        with open(image.name, 'rb', buffering=0) as source:
            source.seek(start)
            _through_tool(source, TOOLS[magic[:4]], budget)
        image.seek(end)
        return
    raise Unreadable(f'its compression is unknown (it begins {magic.hex()})')


def _collect(stream, budget):
    for path, mode in cpio.entries(stream):
        budget.add(path, mode)


def _compressed(image, decompressor, budget):
    stream = _Stream(_decompress(image, decompressor), budget)
    while stream.more():
        _collect(stream, budget)
    image.seek(-len(decompressor.unused_data), 1)


def _decompress(image, decompressor):
    """Yield what the stream at ``image`` unpacks to, in small chunks."""
    try:
        while not decompressor.eof:
            data = b''
            if decompressor.needs_input and not (data := image.read(CHUNK)):
                raise Unreadable('its compressed data end early')
            if chunk := decompressor.decompress(data, CHUNK):
                yield chunk
    except (zlib.error, lzma.LZMAError, OSError) as error:
        raise Unreadable(
            f'its compressed data are damaged: {error}'
        ) from error


class _Zlib:
    """gzip with the interface of bz2.BZ2Decompressor."""

    def __init__(self):
        self._object = zlib.decompressobj(wbits=31)

    eof = property(lambda self: self._object.eof)
    unused_data = property(lambda self: self._object.unused_data)
    needs_input = property(lambda self: not self._object.unconsumed_tail)

    def decompress(self, data, size):
        return self._object.decompress(
            data or self._object.unconsumed_tail, size
        )


def _through_tool(source, command, budget):
    """List what a child unpacks from an unbuffered file's position."""
    try:
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise Unreadable(f'{command[0]} is not installed') from error
    with typing.cast(io.BufferedReader, process.stdout) as output:
        try:
            chunks = iter(lambda: output.read1(CHUNK), b'')
            _collect(_Stream(chunks, budget), budget)
        finally:
            process.kill()
            process.wait()


def _frame_end(image, magic):
    """Return where the zstd frame or lz4 legacy stream at ``image`` ends."""
    image.seek(4, 1)
    return _zstd_end(image) if magic == ZSTD else _lz4_end(image)


def _zstd_end(image):
    """Walk the blocks of a frame, RFC 8878 section 3.1.1."""
    descriptor = _number(image, 1)
    single = descriptor >> 5 & 1
    content = (single, 2, 4, 8)[descriptor >> 6]
    dictionary = (0, 1, 2, 4)[descriptor & 3]
    image.seek((not single) + dictionary + content, 1)
    last = False
    while not last:
        block = _number(image, 3)
        last, kind, size = block & 1, block >> 1 & 3, block >> 3
        image.seek(1 if kind == 1 else size, 1)
    return image.tell() + (4 if descriptor >> 2 & 1 else 0)


def _lz4_end(image):
    """Walk blocks until the end, zero padding, or another magic."""
    while True:
        start = image.tell()
        size = int.from_bytes(image.read(4), 'little')
        if not 0 < size <= LZ4_LARGEST_BLOCK:
            return start
        image.seek(size, 1)


def _number(image, size):
    data = image.read(size)
    if len(data) < size:
        raise Unreadable('its compressed data end early')
    return int.from_bytes(data, 'little')
