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

"""Sets of bytes as normalised half-open ranges: what is done, what is left."""

import bisect


class Ranges:
    """A set of integers kept as sorted, disjoint, non-adjacent ranges.

    :param pairs: iterable of ``(start, length)`` in bytes, any order, may
        overlap. The JSON form is ``[[start, length], ...]``.
    """

    def __init__(self, pairs=()):
        self._starts = []
        self._ends = []
        for start, length in sorted(pairs):
            if start < 0 or length < 0:
                raise ValueError(f'not a range: {start}, {length}')
            self._append(start, start + length)

    def __iter__(self):
        """Yield ``(start, length)`` in order."""
        for start, end in zip(self._starts, self._ends, strict=True):
            yield start, end - start

    def __len__(self):
        return len(self._starts)

    def __eq__(self, other):
        return isinstance(other, Ranges) and list(self) == list(other)

    def __repr__(self):
        return f'Ranges({list(self)!r})'

    def __contains__(self, position):
        index = bisect.bisect_right(self._starts, position) - 1
        return index >= 0 and position < self._ends[index]

    @property
    def total(self):
        """Number of bytes in the set."""
        return sum(self._ends) - sum(self._starts)

    def add(self, start, length):
        """Add one range in place; cheap when it touches the last one."""
        if length <= 0:
            return
        end = start + length
        first = bisect.bisect_left(self._ends, start)
        last = bisect.bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def union(self, other):
        """Return a new set with the bytes of both."""
        return Ranges([*self, *other])

    def subtract(self, other):
        """Return a new set with the bytes of this that other lacks."""
        result = Ranges()
        others = list(other)
        index = 0
        for start, length in self:
            end = start + length
            while index < len(others) and sum(others[index]) <= start:
                index += 1
            probe = index
            while start < end:
                if probe == len(others) or others[probe][0] >= end:
                    result._append(start, end)
                    break
                gap, size = others[probe]
                result._append(start, gap)
                start = max(start, gap + size)
                probe += 1
        return result

    def intersect(self, other):
        """Return a new set with the bytes that are in both."""
        return self.subtract(self.subtract(other))

    def within(self, start, end):
        """Yield ``(start, length)`` of the parts inside [start, end)."""
        index = bisect.bisect_right(self._ends, start)
        while index < len(self._starts) and self._starts[index] < end:
            low = max(start, self._starts[index])
            yield low, min(end, self._ends[index]) - low
            index += 1

    def to_json(self):
        """Return ``[[start, length], ...]``."""
        return [[start, length] for start, length in self]

    def _append(self, start, end):
        if start >= end:
            return
        if self._ends and start <= self._ends[-1]:
            self._ends[-1] = max(self._ends[-1], end)
        else:
            self._starts.append(start)
            self._ends.append(end)
