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

"""Decode a streamOptimized VMDK as it arrives: grains in order, then proof.

The layout is that of "Virtual Disk Format 5.0": a header, then markers. A
grain is deflated data with the sector it belongs to. The tables that say
where each grain lies come in front (qemu), or as markers between the grains
with the directory and a footer at the end (ESXi). Both are compared with
what was seen, so that a stream from which grains were lost is noticed.

Nothing that the stream says of sizes is believed: the capacity must be the
disk's, and no number of it makes us hold more than a few grains, or tables
in proportion to that capacity.
"""

import array
import hashlib
import struct
import sys
import zlib

SECTOR = 512
_HEADER = struct.Struct('<4sIIQQQQIQQQB4sH')
_MARKER = struct.Struct('<QII')
_COMPRESSED = 1 << 16
_MARKERS = 1 << 17
_DEFLATE = 1
_AT_END = 2**64 - 1
_ENTRIES = 512
"""Entries of a grain table, four bytes each."""

_TABLE = _ENTRIES * 4 // SECTOR
"""Sectors of a grain table."""

_EOS, _GRAIN_TABLE, _DIRECTORY, _FOOTER = range(4)
_LARGEST_FRONT = 256 * 1024 * 1024 // SECTOR
"""Sectors in front of the grains that are held in memory: 2 TiB of disk."""


class StreamError(Exception):
    """The stream is damaged or not of the expected kind: a sentence."""


class Decoder:
    """Yields the grains of a stream.

    :param read: returns up to as many bytes as asked for, b'' at the end.
    :param size: bytes that the disk must have.
    """

    def __init__(self, read, size):
        self._source = read
        self._size = size
        self._sector = 0
        self._grain = 0
        self._last = -1
        self._seen: dict[int, bytes] = {}
        self._table = array.array('I', bytes(4 * _ENTRIES))
        self._number = 0
        self._tables: dict[int, bytes] = {}
        self._directory = None
        self._footer = None

    def grains(self):
        """Yield ``(offset, data)`` in bytes, in order of offset.

        :raises StreamError: at the first thing that is wrong; at the end
            when not all that the tables name has come.
        """
        header = self._header(self._take(1))
        self._front(header)
        in_front = self._directory is not None
        while True:
            marker = self._take(1, end=in_front)
            if marker is None:
                break
            value, length, kind = _MARKER.unpack(marker[: _MARKER.size])
            if length:
                yield self._inflate(value, length, marker[12:])
            elif kind == _EOS:
                if not in_front and self._footer is None:
                    raise StreamError('it ends without a footer')
                break
            else:
                self._metadata(kind, value)
        self._check()

    def _take(self, sectors, end=False):
        """Return the next sectors; None at the end where that may be."""
        wanted = sectors * SECTOR
        pieces: list[bytes] = []
        while wanted:
            piece = self._source(wanted)
            if not piece:
                if end and not pieces:
                    return None
                raise StreamError(
                    f'it ends early, after {self._sector * SECTOR} bytes'
                )
            pieces.append(piece)
            wanted -= len(piece)
        self._sector += sectors
        return pieces[0] if len(pieces) == 1 else b''.join(pieces)

    def _header(self, data):
        """Return the checked header as ``{name: value}``."""
        (
            magic, version, flags, capacity, grain, _at, _length, entries,
            _redundant, directory, overhead, _unclean, lines, compression,
        ) = _HEADER.unpack(data[: _HEADER.size])  # fmt: skip
        if magic != b'KDMV' or version not in (1, 2, 3):
            raise StreamError('it is no sparse VMDK')
        if lines != b'\n \r\n':
            raise StreamError('its line ends were changed on the way')
        kind = _COMPRESSED | _MARKERS
        if flags & kind != kind or compression != _DEFLATE:
            raise StreamError('it is no streamOptimized VMDK')
        if capacity * SECTOR != self._size:
            raise StreamError(
                f'it tells of {capacity * SECTOR} bytes where the disk has '
                f'{self._size}'
            )
        if not 8 <= grain <= 2048 or grain & (grain - 1):
            raise StreamError(f'its grains have {grain} sectors')
        if entries != _ENTRIES:
            raise StreamError(f'its grain tables have {entries} entries')
        return {'grain': grain, 'directory': directory, 'overhead': overhead}

    def _front(self, header):
        """Take what comes before the grains, tables among it."""
        self._grain = header['grain']
        per_table = self._grain * SECTOR * _ENTRIES
        self._count = -(-self._size // per_table)
        self._directory_sectors = -(-self._count * 4 // SECTOR)
        first, overhead = header['directory'], header['overhead']
        most = 2 * (self._count * _TABLE + self._directory_sectors)
        if not 1 <= overhead <= most + 8192:
            raise StreamError(f'{overhead} sectors come before its grains')
        if first in (0, _AT_END):
            for _ in range(overhead - 1):
                self._take(1)
            return
        if overhead > _LARGEST_FRONT:
            raise StreamError('its tables in front are too large')
        front = self._take(overhead - 1) if overhead > 1 else b''
        self._directory = self._entries(
            _slice(front, first - 1, self._directory_sectors)
        )
        for at in set(self._directory) - {0}:
            self._tables[at] = _digest(_slice(front, at - 1, _TABLE))

    def _metadata(self, kind, sectors):
        """Take a table, the directory or the footer behind its marker."""
        at = self._sector
        if kind == _GRAIN_TABLE and sectors == _TABLE:
            if len(self._tables) > 2 * self._count:
                raise StreamError('it has more tables than the disk needs')
            self._tables[at] = _digest(self._take(_TABLE))
        elif kind == _DIRECTORY and sectors == self._directory_sectors:
            self._directory = self._entries(self._take(sectors))
            self._directory_at = at
        elif kind == _FOOTER and sectors == 1:
            self._footer = self._header(self._take(1))
        else:
            raise StreamError(
                f'it has a marker of the unknown kind {kind} with {sectors} '
                f'sectors at sector {at - 1}'
            )

    def _inflate(self, sector, length, head):
        """Return the offset and the bytes of a grain, all checked."""
        at = self._sector - 1
        offset, grain = sector * SECTOR, self._grain * SECTOR
        if sector % self._grain or not self._last < offset < self._size:
            raise StreamError(f'its grain of sector {sector} is out of order')
        if length > grain + grain // 8 + 64:
            raise StreamError(f'its grain of sector {sector} is too long')
        missing = length - len(head)
        data = head[:length]
        if missing > 0:
            data += self._take(-(-missing // SECTOR))[:missing]
        inflater = zlib.decompressobj()
        try:
            plain = inflater.decompress(data, grain + 1)
        except zlib.error as error:
            raise StreamError(
                f'its grain of sector {sector} is damaged: {error}'
            ) from None
        wanted = min(grain, self._size - offset)
        if not inflater.eof or not wanted <= len(plain) <= grain:
            raise StreamError(
                f'its grain of sector {sector} has another length than '
                f'{wanted} bytes'
            )
        self._note(offset // grain, at)
        self._last = offset
        return offset, plain[:wanted]

    def _note(self, grain, at):
        """Remember where a grain was, as the tables must tell it."""
        number, entry = divmod(grain, _ENTRIES)
        if number != self._number:
            self._close_table()
            self._number = number
        self._table[entry] = at

    def _close_table(self):
        if any(self._table):
            self._seen[self._number] = _digest(_little(self._table).tobytes())
            self._table = array.array('I', bytes(4 * _ENTRIES))

    def _entries(self, data):
        return _little(array.array('I', data))[: self._count]

    def _check(self):
        """Compare what came with the tables.

        :raises StreamError: grains are missing, or too many.
        """
        self._close_table()
        if self._directory is None:
            raise StreamError('it has no grain directory')
        if self._footer and self._footer['directory'] != self._directory_at:
            raise StreamError('its footer names another grain directory')
        nothing = _digest(bytes(4 * _ENTRIES))
        for number, at in enumerate(self._directory):
            told = self._tables.get(at) if at else nothing
            if told is None:
                raise StreamError(f'its grain table {number} did not come')
            if told != self._seen.get(number, nothing):
                raise StreamError(
                    f'its grain table {number} tells of other grains than '
                    f'those that came'
                )


class Disk:
    """Reads a stream as a disk, forward only.

    :param read, size: as for :class:`Decoder`.
    """

    def __init__(self, read, size):
        self.size = size
        self.position = 0
        self._grains = Decoder(read, size).grains()
        self._offset, self._data = 0, b''
        self._error = None

    def read(self, offset, length):
        """Return bytes at or behind the position; what is left out is zero.

        The last bytes are given out only when the stream proved complete.

        :raises StreamError:
        """
        if offset < self.position or offset + length > self.size:
            raise ValueError(f'cannot read {length} bytes at {offset}')
        result = bytearray(length)
        end = offset + length
        while self._offset < end:
            low = max(offset, self._offset)
            high = min(end, self._offset + len(self._data))
            if low < high:
                result[low - offset : high - offset] = self._data[
                    low - self._offset : high - self._offset
                ]
            if self._offset + len(self._data) > end:
                break
            self._advance()
        self.position = end
        if end == self.size:
            self._drain()
        return result

    def _advance(self):
        self._offset, self._data = self._next() or (self.size, b'')

    def _drain(self):
        while self._next():
            pass

    def _next(self):
        """Return the next grain, or None at the proven end.

        A generator that failed looks as if it had ended: zeros would be
        read from then on. So the error stays.
        """
        if self._error:
            raise self._error
        try:
            return next(self._grains, None)
        except Exception as error:
            self._error = error
            raise


def _slice(front, start, sectors):
    data = front[start * SECTOR : (start + sectors) * SECTOR]
    if start < 0 or len(data) != sectors * SECTOR:
        raise StreamError('its tables are not in front of its grains')
    return data


def _little(entries):
    """Return an array of 32-bit numbers in the order of bytes of VMDK."""
    if sys.byteorder == 'big':
        entries.byteswap()
    return entries


def _digest(table):
    """Return what a table is compared by; 1 is a zero grain, like 0."""
    entries = _little(array.array('I', table))
    if 1 in entries:
        entries = array.array('I', (0 if e == 1 else e for e in entries))
    return hashlib.blake2b(_little(entries).tobytes(), digest_size=16).digest()
