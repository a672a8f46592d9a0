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

"""BLAKE3 hashes of a disk by region: recorded on copy, checked on verify."""

import base64

import blake3

from migrate_service.transfer import ranges

REGION = 4 * 1024 * 1024
"""Bytes in a region: the unit of work, hash and checkpoint."""

CHUNK_REGIONS = 1024
"""Regions in a chunk (32 KiB of hashes, 4 GiB of disk)."""

HASH_SIZE = 32
UNKNOWN = bytes(HASH_SIZE)
ZERO = b'\1' + bytes(HASH_SIZE - 1)
"""Marker of a region that holds only zeros, read or known as a hole."""

_CHUNK_BYTES = CHUNK_REGIONS * HASH_SIZE


class Manifest:
    """The hashes of one disk's regions, 32 bytes each.

    An entry is the BLAKE3 hash of the region's bytes (the last region may
    be short), :data:`ZERO` or :data:`UNKNOWN`. Content that is all zeros
    always has the marker, so equal disks have equal manifests.

    :param size: bytes of the disk.
    :param chunks: ``{index: bytes or base64 str}`` as :meth:`chunk` and
        :meth:`to_json` return it; JSON's string keys are accepted.
    """

    def __init__(self, size, chunks=None):
        self.size = size
        self.regions = -(-size // REGION)
        self._hashes = bytearray(self.regions * HASH_SIZE)
        for index, data in (chunks or {}).items():
            self.set_chunk(int(index), data)

    @classmethod
    def fitted(cls, size, chunks, former):
        """Return the manifest of a disk that grew to ``size`` bytes.

        :param chunks: ``{index: bytes}``, of any size since.
        :param former: bytes it had before; only regions whole in them keep
            their hashes.
        """
        grown = cls(size)
        for index, data in chunks.items():
            first = index * CHUNK_REGIONS
            count = min(len(data) // HASH_SIZE, former // REGION - first)
            if count > 0:
                grown.set(first, data[: count * HASH_SIZE])
        return grown

    def get(self, region):
        """Return the 32-byte entry of the region."""
        at = region * HASH_SIZE
        return bytes(self._hashes[at : at + HASH_SIZE])

    def set(self, region, entries):
        """Store one or more consecutive 32-byte entries at the region."""
        at = region * HASH_SIZE
        if len(entries) % HASH_SIZE or at + len(entries) > len(self._hashes):
            raise ValueError(f'no place for {len(entries)} bytes at {region}')
        self._hashes[at : at + len(entries)] = entries

    def chunk(self, index):
        """Return the bytes of chunk ``index`` (32 KiB; the last is less)."""
        at = index * _CHUNK_BYTES
        return bytes(self._hashes[at : at + _CHUNK_BYTES])

    def set_chunk(self, index, data):
        """Store what :meth:`chunk` returned, as bytes or base64 text."""
        if isinstance(data, str):
            data = base64.b64decode(data, validate=True)
        if len(data) != len(self.chunk(index)) or index < 0:
            raise ValueError(f'chunk {index} has {len(data)} bytes')
        self.set(index * CHUNK_REGIONS, data)

    @property
    def chunks(self):
        """Number of chunks."""
        return -(-self.regions // CHUNK_REGIONS)

    def unknown(self):
        """Return the number of regions without a hash."""
        return sum(
            self.get(region) == UNKNOWN for region in range(self.regions)
        )

    def unhashed(self):
        """Return the Ranges of bytes whose regions have no hash."""
        found = ranges.Ranges()
        for region in range(self.regions):
            if self.get(region) == UNKNOWN:
                start = region * REGION
                found.add(start, min(REGION, self.size - start))
        return found

    def digest(self):
        """Return the hex BLAKE3 over size and entries: the disk's digest.

        Two disks of the same size and content have the same digest.
        None while a region is unknown.
        """
        if self.unknown():
            return None
        head = f'migrate-manifest-1 {REGION} {self.size}\n'.encode()
        return blake3.blake3(head + self._hashes).hexdigest()

    def to_json(self):
        """Return ``{'0': base64, ...}``, one entry a chunk."""
        return {
            str(index): base64.b64encode(self.chunk(index)).decode()
            for index in range(self.chunks)
        }
