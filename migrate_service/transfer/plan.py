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

"""Cut a copy into tasks: regions to read, and runs of known zeros."""

import collections

from migrate_service.transfer import manifest
from migrate_service.transfer import ranges

RUN = 64 * manifest.REGION
"""Longest run of known zeros in one task, in bytes."""


class Task(
    collections.namedtuple('Task', 'start length data zeros regions hashed')
):
    """A region, or a run of regions without data.

    :param start, length: the bytes that are done when the task is done.
    :param data: ``(start, length)`` to read from the source, in order.
    :param zeros: ``(start, length)`` that are known to be zero.
    :param regions: how many regions it covers; 0 for a piece of the tail
        beyond the source.
    :param hashed: data and zeros together are all of the region's bytes,
        so that its hash can be told.
    """

    # No dataclass: that module alone takes a fifth of a mover's start.
    __slots__ = ()


def tasks(*, size, data, tail, rest, done):
    """Yield the tasks of a copy in order of offset.

    :param size: bytes of the source.
    :param data: Ranges to read.
    :param tail: Ranges beyond the source that must become zero.
    :param rest: ``zero`` or ``keep``, see :class:`..copy.DiskJob`.
    :param done: Ranges that need no work any more.
    """
    position = 0
    for start, length in data:
        while position < start + length:
            region = max(position, start) // manifest.REGION
            at = region * manifest.REGION
            if rest == 'zero':
                yield from _zeros(position, at, done)
            stop = min(at + manifest.REGION, size)
            if at not in done:
                yield _region(at, stop, data, rest)
            position = stop
    if rest == 'zero':
        yield from _zeros(position, size, done)
    for start, length in tail:
        yield from _zeros(start, start + length, done, tail=True)


def _zeros(start, end, done, tail=False):
    if start >= end:
        return
    for low, length in ranges.Ranges([(start, end - start)]).subtract(done):
        for at in range(low, low + length, RUN):
            size = min(RUN, low + length - at)
            regions = 0 if tail else -(-size // manifest.REGION)
            yield Task(at, size, [], [(at, size)], regions, not tail)


def _region(start, end, data, rest):
    pieces = list(data.within(start, end))
    zeros = []
    if rest == 'zero':
        whole = ranges.Ranges([(start, end - start)])
        zeros = list(whole.subtract(ranges.Ranges(pieces)))
    covered = sum(length for _, length in pieces + zeros)
    return Task(start, end - start, pieces, zeros, 1, covered == end - start)
