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

"""The written side inside a mover: a block device, a raw file, or NBD."""

import collections
import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import stat
import struct
import threading

import nbd

BLKSSZGET = 0x1268
BLKZEROOUT = 0x127F
PUNCH_HOLE_KEEP_SIZE = 0x03
SYNC_WRITE = 0x02
SYNC_WAIT = 0x07
"""Of sync_file_range(2): begin to write; write and wait for the end."""

BEHIND = 32 * 1024 * 1024
"""Bytes on their way to the disk before a writer waits for the oldest."""


_ZEROS = memoryview(mmap.mmap(-1, 1024 * 1024))
_UNSUPPORTED = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.ENOTTY)
_libc = ctypes.CDLL(None, use_errno=True)
_libc.fallocate.argtypes = (
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int64,
    ctypes.c_int64,
)
_libc.sync_file_range.argtypes = (
    ctypes.c_int,
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_uint,
)


class TargetError(Exception):
    """The target does not fit: a sentence."""


def open_target(spec, *, readonly=False):
    """Return the target for ``{'path': …}`` or ``{'uri': …}`` and ``size``.

    :raises TargetError: it is too small, or of a wrong type.
    :raises OSError: it cannot be opened.
    """
    if 'uri' in spec:
        return NbdTarget(spec['uri'], spec['size'])
    mode = os.stat(spec['path']).st_mode
    if stat.S_ISBLK(mode):
        return BlockTarget(spec['path'], spec['size'], readonly)
    if stat.S_ISREG(mode):
        return FileTarget(spec['path'], spec['size'], readonly)
    raise TargetError(f'{spec["path"]} is neither a device nor a file')


def _access(readonly):
    return os.O_CLOEXEC | (os.O_RDONLY if readonly else os.O_RDWR)


def _check_size(fd, path, size):
    actual = os.lseek(fd, 0, os.SEEK_END)
    if actual < size:
        raise TargetError(f'{path} has {actual} bytes, {size} are needed')


def _write(fd, view, offset):
    while view:
        count = os.pwrite(fd, view, offset)
        view = view[count:]
        offset += count


def _read(fd, view, offset):
    while view:
        count = os.preadv(fd, [view], offset)
        if not count:
            raise OSError(errno.EIO, 'the target ends early')
        view = view[count:]
        offset += count


def cut(offset, length, block):
    """Yield ``(start, size, whole)``: head, whole blocks and tail."""
    end = offset + length
    low = min(end, -(-offset // block) * block)
    high = max(low, end // block * block)
    for start, stop, whole in (
        (offset, low, False),
        (low, high, True),
        (high, end, False),
    ):
        if start < stop:
            yield start, stop - start, whole


class FileTarget:
    """A raw image file, through the page cache and out of it again soon.

    Threads may share it. What was written goes to the disk while the copy
    goes on, see :class:`_Trail`: twice as fast as by O_DIRECT, where each
    thread waits for the disk, and :meth:`flush` has little left to do.
    """

    def __init__(self, path, size, readonly=False):
        self._fd = os.open(path, _access(readonly))
        _check_size(self._fd, path, size)
        self._punch = True
        self._trail = _Trail(path)

    def connect(self):
        """Return what one thread uses: itself, pwrite(2) needs no state."""
        return self

    def read(self, offset, view):
        _read(self._fd, view, offset)

    def write(self, offset, view):
        _write(self._fd, view, offset)
        self._trail.add(offset, len(view))

    def zero(self, offset, length):
        """Make the range read as zero, as a hole where that works."""
        if self._punch:
            if not _libc.fallocate(
                self._fd, PUNCH_HOLE_KEEP_SIZE, offset, length
            ):
                return
            code = ctypes.get_errno()
            if code not in _UNSUPPORTED:
                raise OSError(code, os.strerror(code))
            self._punch = False
        for at in range(offset, offset + length, len(_ZEROS)):
            size = min(len(_ZEROS), offset + length - at)
            self.write(at, _ZEROS[:size])

    def flush(self):
        """Make all completed writes durable; its error counts."""
        os.fdatasync(self._fd)
        os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def data(self, size):
        """Yield ``(start, length)`` of [0, size) that are no holes."""
        at = 0
        while at < size:
            try:
                start = os.lseek(self._fd, at, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:
                    return
                raise
            at = min(size, os.lseek(self._fd, start, os.SEEK_HOLE))
            if start < at:
                yield start, at - start


class _Trail:
    """Sends to the disk what was written, and lets go of what arrived.

    Dirty pages then never heap up, and few pages are used over and over.
    It has an open file of its own: the kernel tells a failed write once to
    each (errseq_t), and it is :meth:`FileTarget.flush` that must hear it.
    For the same reason nothing that goes wrong here counts.
    """

    def __init__(self, path):
        self._fd = os.open(path, _access(readonly=True))
        self._lock = threading.Lock()
        self._under_way: collections.deque = collections.deque()
        self._size = 0

    def add(self, offset, length):
        """Have the range written; wait for those of :data:`BEHIND` ago."""
        _libc.sync_file_range(self._fd, offset, length, SYNC_WRITE)
        late = []
        with self._lock:
            self._under_way.append((offset, length))
            self._size += length
            while self._size > BEHIND:
                late.append(self._under_way.popleft())
                self._size -= late[-1][1]
        for start, size in late:
            _libc.sync_file_range(self._fd, start, size, SYNC_WAIT)
            with contextlib.suppress(OSError):
                advice = os.POSIX_FADV_DONTNEED
                os.posix_fadvise(self._fd, start, size, advice)


class BlockTarget:
    """A block device, by O_DIRECT; what is not aligned goes buffered.

    O_EXCL refuses a device that something else has claimed (mounted, or
    part of another). Direct and buffered writes never share a block: a
    range is cut at block bounds.
    """

    def __init__(self, path, size, readonly=False):
        access = _access(readonly)
        self._fd = os.open(path, access | os.O_DIRECT | os.O_EXCL)
        self._buffered = os.open(path, access)
        _check_size(self._fd, path, size)
        raw = fcntl.ioctl(self._fd, BLKSSZGET, bytes(4))
        self._block = max(512, struct.unpack('i', raw)[0])

    def connect(self):
        """Return what one thread uses: itself, pwrite(2) needs no state."""
        return self

    def read(self, offset, view):
        """Read past the page cache; the view must be placed by offset."""
        for at, size, direct in cut(offset, len(view), self._block):
            part = view[at - offset : at - offset + size]
            _read(self._fd if direct else self._buffered, part, at)

    def write(self, offset, view):
        """Write; the view's address must equal offset modulo a page."""
        for at, size, direct in cut(offset, len(view), self._block):
            part = view[at - offset : at - offset + size]
            _write(self._fd if direct else self._buffered, part, at)

    def zero(self, offset, length):
        """Make the range read as zero: the kernel's word, not a discard."""
        for at, size, direct in cut(offset, length, self._block):
            if direct:
                argument = struct.pack('QQ', at, size)
                fcntl.ioctl(self._fd, BLKZEROOUT, argument)
            else:
                _write(self._buffered, _ZEROS[:size], at)

    def flush(self):
        """Flush the device's cache and ours; its error counts."""
        os.fdatasync(self._fd)

    def data(self, size):
        """Yield all: a device does not tell its holes."""
        yield 0, size


class NbdTarget:
    """An image that a server of ours writes, such as qcow2 by qemu-nbd."""

    def __init__(self, uri, size):
        self._uri = uri
        self._size = size
        self._handle = self._open()
        actual = self._handle.get_size()
        if actual < size:
            raise TargetError(f'it has {actual} bytes, {size} are needed')

    def connect(self):
        """Return what one thread uses: a target on its own connection."""
        return NbdTarget(self._uri, self._size)

    def read(self, offset, view):
        view[:] = self._handle.pread(len(view), offset)

    def write(self, offset, view):
        self._handle.pwrite(view, offset)

    def zero(self, offset, length):
        self._handle.zero(length, offset)

    def flush(self):
        """Flush the image; its error counts."""
        self._handle.flush()

    def data(self, size):
        """Yield ``(start, length)`` of [0, size) that are not zero."""
        return allocated(self._handle, size)

    def _open(self):
        handle = nbd.NBD()
        handle.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
        handle.connect_uri(self._uri)
        return handle


def allocated(handle, size):
    """Yield ``(start, length)`` of [0, size) that may hold data.

    Only what the server says *reads as zero* is left out; without block
    status everything may hold data.
    """
    if not handle.can_meta_context(nbd.CONTEXT_BASE_ALLOCATION):
        yield 0, size
        return
    at = 0
    while at < size:
        entries: list = []

        def collect(_context, _offset, found, _error, entries=entries):
            entries.extend(found)

        handle.block_status(min(size - at, 2**31), at, collect)
        if not entries or not all(entries[::2]):
            raise OSError(errno.EIO, 'the server sent no block status')
        for length, flags in zip(entries[::2], entries[1::2], strict=True):
            length = min(length, size - at)
            if length and not flags & nbd.STATE_ZERO:
                yield at, length
            at += length
