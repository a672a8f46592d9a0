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

"""A region while it is read: found zeros, and its hash in order."""

import blake3

from migrate_service.transfer import manifest

BLOCK = 64 * 1024
"""Grain of zero detection inside a read."""

_ZEROS: dict[int, bytearray] = {}


def zeros(size):
    """Return ``size`` zero bytes as a bytearray, which compares fast.

    ``bytearray == memoryview`` is one memcmp without a copy; comparing two
    memoryviews is a hundred times slower.
    """
    if size not in _ZEROS:
        _ZEROS[size] = bytearray(size)
    return _ZEROS[size]


class Region:
    """A task under way: what was read of it, hashed in order of offset."""

    def __init__(self, task, request_size):
        self.task = task
        self.reads = [
            (at, min(request_size, start + length - at))
            for start, length in task.data
            for at in range(start, start + length, request_size)
        ]
        self._left = len(self.reads)
        self._waiting = {}
        self._next = 0
        self._position = task.start
        self._hasher = blake3.blake3()
        self._empty = True

    @property
    def complete(self):
        return not self._left

    def hash(self, offset, view, slot):
        """Take one read; return the slots that are free now."""
        self._left -= 1
        if not self.task.hashed:
            return [slot]
        self._waiting[offset] = (view, slot)
        free = []
        while self._next < len(self.reads):
            at, size = self.reads[self._next]
            if at not in self._waiting:
                break
            view, slot = self._waiting.pop(at)
            self._gap(at)
            self._empty = self._empty and zeros(size) == view
            self._hasher.update(view)
            self._position = at + size
            self._next += 1
            free.append(slot)
        return free

    def entries(self):
        """Return the manifest entries of the task, 32 bytes a region."""
        if not self.task.hashed:
            return manifest.UNKNOWN * self.task.regions
        if self._empty:
            return manifest.ZERO * self.task.regions
        self._gap(self.task.start + self.task.length)
        return self._hasher.digest()

    def _gap(self, end):
        if end > self._position:
            self._hasher.update(zeros(end - self._position))


def runs(view):
    """Yield ``(start, end, is_zero)`` of a buffer, in whole blocks."""
    size = len(view)
    start = 0
    empty = None
    for at in range(0, size, BLOCK):
        block = view[at : at + BLOCK]
        now = zeros(len(block)) == block
        if now is not empty and empty is not None:
            yield start, at, empty
            start = at
        empty = now
    if size:
        yield start, size, empty
