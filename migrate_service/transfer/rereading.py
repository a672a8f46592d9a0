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

"""The verify loop of a mover: hash regions of the target and the source."""

import mmap
import queue
import threading

import blake3
import nbd

from migrate_service.transfer import engine
from migrate_service.transfer import manifest
from migrate_service.transfer import ranges
from migrate_service.transfer import regions

TARGET_THREADS = 2
SOURCE_THREADS = 8
REQUEST_SIZE = 1024 * 1024
"""Bytes of a read where the transport asks for no other size."""

GRAIN = 1024 * 1024
"""Grain in which a tail that is not zero is told, in bytes."""


class Verify:
    """Hashes what it is told to; the parent compares.

    :param spec: ``target_regions`` and ``source_regions`` as
        ``[[first, count], …]`` and ``tail``, whether to check that too.
    """

    def __init__(self, source, target, spec, bucket, emit):
        self.due = threading.Event()
        self._source = source
        self._target = target
        self._spec = spec
        self._bucket = bucket
        self._emit = emit
        self._lock = threading.Lock()
        self._fresh: dict[str, list] = {'target': [], 'source': []}
        self._tail = []
        self._read = 0
        self._error = None
        self._total = sum(
            self._length(region)
            for side in self._fresh
            for region in self._regions(side)
        )

    def run(self):
        """Hash all; return when everything is emitted.

        :raises engine.ReadError, engine.WriteError: of source or target.
        """
        self._target.flush()
        size = self._spec['target']['size']
        self._held = ranges.Ranges(self._target.data(size))
        threads = self._threads('target', TARGET_THREADS)
        if self._source:
            asked = self._source['connections'] or SOURCE_THREADS
            many = min(SOURCE_THREADS, asked)
            threads += self._threads('source', many)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._error:
            raise self._error
        if self._spec['tail']:
            self._check_tail(size)
        self.checkpoint()

    def fail(self, error):
        with self._lock:
            self._error = self._error or error

    def checkpoint(self):
        """Emit the hashes made since the last time."""
        with self._lock:
            fresh = self._fresh
            self._fresh = {'target': [], 'source': []}
        self._emit({'event': 'hashes', **fresh})

    def progress(self):
        """Return the counters, as :class:`..copy.DiskProgress` names them."""
        counters = {'total': self._total, 'copied': self._read}
        counters |= {'read': self._read, 'written': 0, 'skipped': 0}
        return {'event': 'progress', **counters}

    def result(self):
        """Return the ranges of the tail that are not zero."""
        return {'tail': self._tail}

    def _regions(self, side):
        for first, count in self._spec[f'{side}_regions']:
            yield from range(first, first + count)

    def _length(self, region):
        start = region * manifest.REGION
        return min(manifest.REGION, self._spec['size'] - start)

    def _threads(self, side, count):
        work: queue.SimpleQueue = queue.SimpleQueue()
        for region in self._regions(side):
            work.put(region)
        if side == 'target':
            readers = [self._target_reader() for _ in range(count)]
        else:
            readers = [self._source_reader() for _ in range(count)]
        return [
            threading.Thread(target=self._work, args=(side, work, reader))
            for reader in readers
        ]

    def _work(self, side, work, reader):
        slot = memoryview(mmap.mmap(-1, manifest.REGION))
        try:
            while not self._error:
                region = work.get_nowait()
                view = slot[: self._length(region)]
                while wait := self._bucket.take(len(view)):
                    threading.Event().wait(min(wait, 0.2))
                entry = reader(region * manifest.REGION, view)
                with self._lock:
                    self._fresh[side].append([region, entry.hex()])
                    self._read += len(view)
        except queue.Empty:
            return
        except Exception as error:  # noqa: BLE001 - told by run
            self.fail(error)

    def _target_reader(self):
        target = self._target.connect()

        def read(offset, view):
            if not list(self._held.within(offset, offset + len(view))):
                return manifest.ZERO
            _read_target(target, offset, view)
            return _entry(view)

        return read

    def _source_reader(self):
        handle = engine.connect(self._source)

        def read(offset, view):
            step = self._source['request_size'] or REQUEST_SIZE
            try:
                for at in range(0, len(view), step):
                    size = min(step, len(view) - at)
                    view[at : at + size] = handle.pread(size, offset + at)
            except nbd.Error as error:
                text = f'{engine.describe(error)} at offset {offset}'
                raise engine.ReadError(text) from error
            return _entry(view)

        return read

    def _check_tail(self, end):
        slot = memoryview(mmap.mmap(-1, GRAIN + mmap.PAGESIZE))
        found = ranges.Ranges()
        for start, length in self._held.within(self._spec['size'], end):
            for at in range(start, start + length, GRAIN):
                size = min(GRAIN, start + length - at)
                shift = at % mmap.PAGESIZE
                view = slot[shift : shift + size]
                _read_target(self._target, at, view)
                if regions.zeros(size) != view:
                    found.add(at, size)
        self._tail = found.to_json()


def _read_target(target, offset, view):
    try:
        target.read(offset, view)
    except (OSError, nbd.Error) as error:
        text = f'{engine.describe(error)} at offset {offset} when reading'
        raise engine.WriteError(text) from error


def _entry(view):
    if regions.zeros(len(view)) == view:
        return manifest.ZERO
    return blake3.blake3(view).digest()
