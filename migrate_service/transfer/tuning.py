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

"""How a disk is read best: found by a trial of a few small reads."""

import collections
import itertools
import time

import nbd

SAMPLE = 64 * 1024
"""Bytes of one read of the trial."""

ABREAST = 4
"""Reads of the trial that are asked at once."""

LEAST = 512 * 1024 * 1024
"""Bytes to copy from which a trial is worth its time."""

NEAR = 0.001
"""Seconds below which a read counts as local."""

MIB = 1024 * 1024


class Tuning(
    collections.namedtuple('Tuning', 'connections request_size depth why')
):
    """How a disk is read.

    :param connections: how many, each with a thread of its own.
    :param request_size: largest read, in bytes.
    :param depth: reads in flight on each connection.
    :param why: a sentence.
    """

    __slots__ = ()


def given(connections, request_size, memory):
    """Return the tuning that a transport asks for, within the memory."""
    depth = max(2, min(32, memory // (request_size * connections)))
    return Tuning(connections, request_size, depth, 'the transport asks it')


def untried():
    """Return the tuning for what is too small for a trial."""
    return Tuning(4, MIB, 8, 'too little to copy for a trial')


def choose(single, abreast):
    """Return the tuning for what a trial measured.

    A server near by is limited by the processor: two connections, and no
    more under way than its caches hold. Over a distance much must be under
    way. A server that takes one request a connection at a time needs many
    connections, and large requests on them. Figures: the contributor
    guide, "Performance".

    :param single: seconds of one read alone.
    :param abreast: seconds of :data:`ABREAST` reads asked at once.
    """
    told = f'one read takes {single * 1000:.2f} ms, '
    told += f'{ABREAST} at once {abreast * 1000:.2f} ms'
    if single < NEAR:
        return Tuning(2, MIB // 2, 4, f'near: {told}')
    if abreast > single * ABREAST * 0.6:
        return Tuning(8, 2 * MIB, 2, f'one at a time: {told}')
    return Tuning(2, MIB, 16, f'far: {told}')


def measure(handle, areas, clock=time.monotonic):
    """Return (seconds of one read, seconds of several at once).

    :param handle: a connection on the source.
    :param areas: Ranges that hold data; holes are answered too fast.
    :raises nbd.Error: the source cannot be read.
    """
    places = list(itertools.islice(_places(areas), ABREAST))
    # Twice: the first read may wake what sleeps.
    single = min(_read(handle, places[:1], clock) for _ in range(2))
    return single, _read(handle, places, clock)


def _places(areas):
    for start, length in areas:
        for at in range(start, start + length, SAMPLE):
            yield at, min(SAMPLE, start + length - at)


def _read(handle, places, clock):
    """Read all places at once; return the seconds it took."""
    buffers = [nbd.Buffer(size) for _, size in places]
    began = clock()
    cookies = [
        handle.aio_pread(buffer, offset)
        for buffer, (offset, _) in zip(buffers, places, strict=True)
    ]
    for cookie in cookies:
        while not handle.aio_command_completed(cookie):
            handle.poll(-1)
    return clock() - began
