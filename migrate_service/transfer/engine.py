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

"""The copy loop of a mover: many reads in flight, regions hashed, flushed."""

import mmap
import os
import threading

import nbd

from migrate_service.transfer import manifest
from migrate_service.transfer import plan
from migrate_service.transfer import ranges
from migrate_service.transfer import regions
from migrate_service.transfer import targets
from migrate_service.transfer import tuning

SLOTS_BYTES = 32 * 1024 * 1024
"""Memory for reads in flight, in bytes, over all connections."""


class ReadError(Exception):
    """The source could not be read: a sentence."""


class WriteError(Exception):
    """The target could not be written: a sentence."""


class Copy:
    """One disk's copy: its plan, its lanes and its checkpoints.

    :param source: ``{'uri', 'size', 'connections', 'request_size'}``.
    :param target: from :func:`targets.open_target`.
    :param spec: the mover's order, see :mod:`..mover`.
    :param bucket: :class:`budget.Bucket`.
    :param emit: called with each event, a dict.
    """

    def __init__(self, source, target, spec, bucket, emit):
        self.source = source
        self.target = target
        self.bucket = bucket
        self.skip_zeros = spec['target']['zeroed'] and spec['rest'] == 'zero'
        self.stopped = threading.Event()
        self.due = threading.Event()
        self._emit = emit
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._written = []
        self._done = ranges.Ranges(spec['done'])
        self._error = None
        self._unflushed = None
        self._handle = connect(source)
        data, tail = self._areas(spec)
        self.total = data.total
        self.tuning = tune(self._handle, source, data)
        self._before = data.intersect(self._done).total
        self._tasks = plan.tasks(
            size=source['size'],
            data=data,
            tail=tail,
            rest=spec['rest'],
            done=ranges.Ranges(spec['done']),
        )
        self._lanes = []

    def run(self):
        """Copy all; return when everything is durable and emitted.

        :raises ReadError, WriteError: the first error of any lane.
        """
        self._emit({'event': 'tuned', **self.tuning._asdict()})
        handles = [self._handle]
        for _ in range(self.tuning.connections - 1):
            handles.append(connect(self.source))
        self._lanes = [Lane(self, handle) for handle in handles]
        for lane in self._lanes:
            lane.start()
        for lane in self._lanes:
            lane.join()
        if self._error:
            raise self._error
        self.checkpoint()

    def next_task(self):
        """Return the next task, or None at the end."""
        with self._lock:
            return next(self._tasks, None)

    def complete(self, task, entries):
        """Note a task whose bytes were written, and its region hashes."""
        with self._lock:
            self._written.append((task.start, task.length, entries))

    def fail(self, error):
        """Stop all lanes; the first error is the one that is told."""
        with self._lock:
            self._error = self._error or error
        self.stopped.set()

    def checkpoint(self):
        """Flush the target, then tell what has become durable by that.

        :raises WriteError: this or an earlier flush failed: the kernel
            tells such an error once, so nothing is durable any more.
        """
        with self._flushing:
            if self._unflushed:
                raise self._unflushed
            with self._lock:
                written, self._written = self._written, []
            if not written:
                return
            try:
                self.target.flush()
            except (OSError, nbd.Error) as error:
                self._unflushed = WriteError(f'flush: {describe(error)}')
                raise self._unflushed from error
            for start, length, _ in written:
                self._done.add(start, length)
            self._emit(
                {
                    'event': 'checkpoint',
                    'done': self._done.to_json(),
                    'hashes': _join(written),
                }
            )

    def progress(self):
        """Return the counters, as :class:`..copy.DiskProgress` names them."""
        read = sum(lane.read for lane in self._lanes)
        return {
            'event': 'progress',
            'total': self.total,
            'copied': min(self.total, self._before + read),
            'read': read,
            'written': sum(lane.written for lane in self._lanes),
            'skipped': sum(lane.skipped for lane in self._lanes),
        }

    def result(self):
        """Return what is told at the end beside the progress."""
        return {}

    def _areas(self, spec):
        """Return the Ranges to read, and those of the tail to be zero."""
        size = self.source['size']
        source = ranges.Ranges([(0, size)])
        tail = ranges.Ranges([(size, spec['target']['size'] - size)])
        wanted = source
        if spec['extents'] is not None:
            wanted = ranges.Ranges(spec['extents'])
        if spec['rest'] == 'keep':
            return source.intersect(wanted), tail.intersect(wanted)
        try:
            held = ranges.Ranges(targets.allocated(self._handle, size))
        except (OSError, nbd.Error) as error:
            raise ReadError(f'block status: {describe(error)}') from error
        return held.intersect(wanted), tail


class Lane(threading.Thread):
    """One connection and its buffers: reads, writes and hashes regions."""

    def __init__(self, copy, handle):
        super().__init__(daemon=True)
        self._copy = copy
        self._handle = handle
        self._target = copy.target.connect()
        self._size = copy.tuning.request_size
        self._slots = [
            memoryview(mmap.mmap(-1, self._size + mmap.PAGESIZE))
            for _ in range(copy.tuning.depth)
        ]
        self._arrived = []
        self._flying = 0
        self.read = self.written = self.skipped = 0

    def run(self):
        try:
            self._handle.set_pread_initialize(False)
            self._loop()
        except Exception as error:  # noqa: BLE001 - told by Copy.run
            self._copy.fail(error)

    def _loop(self):
        requests = self._requests()
        request = next(requests, None)
        while (request or self._flying) and not self._copy.stopped.is_set():
            wait = 0
            while request and self._slots:
                wait = self._copy.bucket.take(request[2])
                if wait:
                    break
                self._submit(*request)
                request = next(requests, None)
            if self._flying and not self._arrived:
                self._poll(int(wait * 1000) + 1 if wait else 200)
            elif wait:
                self._copy.stopped.wait(min(wait, 0.2))
            self._land()

    def _requests(self):
        """Yield (region, offset, size), starting tasks as it goes."""
        while task := self._copy.next_task():
            region = regions.Region(task, self._size)
            self._zero(task.zeros)
            if not task.data:
                self._finish(region)
            for offset, size in region.reads:
                yield region, offset, size

    def _submit(self, region, offset, size):
        slot = self._slots.pop()
        at = offset % mmap.PAGESIZE
        view = slot[at : at + size]

        def arrived(error):
            code = error if isinstance(error, int) else error.value
            self._arrived.append((region, offset, view, slot, code))
            return 1

        buffer = nbd.Buffer.from_buffer(view)
        self._handle.aio_pread(buffer, offset, arrived)
        self._flying += 1

    def _poll(self, milliseconds):
        try:
            self._handle.poll(milliseconds)
        except nbd.Error as error:
            raise ReadError(describe(error)) from error
        if self._handle.aio_is_dead() or self._handle.aio_is_closed():
            raise ReadError('the connection to the disk server was lost')

    def _land(self):
        while self._arrived:
            region, offset, view, slot, code = self._arrived.pop()
            self._flying -= 1
            if code:
                text = describe(OSError(code, ''))
                raise ReadError(f'{text} at offset {offset}')
            self.read += len(view)
            self._write(offset, view)
            for free in region.hash(offset, view, slot):
                self._slots.append(free)
            if region.complete:
                self._finish(region)

    def _write(self, offset, view):
        for start, end, empty in regions.runs(view):
            if empty:
                self._zero([(offset + start, end - start)])
                continue
            try:
                self._target.write(offset + start, view[start:end])
            except (OSError, nbd.Error) as error:
                text = f'{describe(error)} at offset {offset + start}'
                raise WriteError(text) from error
            self.written += end - start

    def _zero(self, pieces):
        for start, length in pieces:
            self.skipped += length
            if self._copy.skip_zeros:
                continue
            try:
                self._target.zero(start, length)
            except (OSError, nbd.Error) as error:
                text = f'{describe(error)} at offset {start}'
                raise WriteError(text) from error

    def _finish(self, region):
        self._copy.complete(region.task, region.entries())


def tune(handle, source, data):
    """Return the :class:`tuning.Tuning` to read these areas of a source.

    :raises ReadError: the trial's reads failed.
    """
    connections, size = source['connections'], source['request_size']
    if connections and size:
        return tuning.given(connections, size, SLOTS_BYTES)
    if data.total < tuning.LEAST:
        return tuning.untried()
    try:
        return tuning.choose(*tuning.measure(handle, data))
    except nbd.Error as error:
        raise ReadError(f'trial: {describe(error)}') from error


def connect(source):
    """Return an NBD handle on the source, whose size is checked.

    :raises ReadError: it cannot be reached or has another size.
    """
    handle = nbd.NBD()
    handle.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
    try:
        handle.connect_uri(source['uri'])
        size = handle.get_size()
    except nbd.Error as error:
        raise ReadError(f'connect: {describe(error)}') from error
    if size != source['size']:
        raise ReadError(
            f'it has {size} bytes where {source["size"]} were expected'
        )
    return handle


def describe(error):
    """Return the cause in an OSError or nbd.Error as a short text."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return getattr(error, 'string', None) or str(error)


def _join(written):
    """Return ``[[region, hex], …]`` with neighbours' entries joined."""
    result: list[list] = []
    for start, _, entries in sorted(written):
        if not entries:
            continue
        region = start // manifest.REGION
        if result and result[-1][0] + len(result[-1][1]) // 64 == region:
            result[-1][1] += entries.hex()
        else:
            result.append([region, entries.hex()])
    return result
