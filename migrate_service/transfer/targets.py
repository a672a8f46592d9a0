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

import ctypes
import errno
import fcntl
import mmap
import os
import stat
import struct

import nbd

BLKSSZGET = 0x1268
BLKZEROOUT = 0x127F
PUNCH_HOLE_KEEP_SIZE = 0x03
PAGE = mmap.PAGESIZE

_ZEROS = memoryview(mmap.mmap(-1, 1024 * 1024))
_UNSUPPORTED = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.ENOTTY)
_libc = ctypes.CDLL(None, use_errno=True)
_libc.fallocate.argtypes = (
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int64,
    ctypes.c_int64,
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
    """A raw image file; whole blocks by O_DIRECT where that works.

    Threads may share it. Past the page cache a file on a disk is written
    twice as fast, and :meth:`flush` has little left to do. Direct and
    buffered writes never share a page.
    """

    def __init__(self, path, size, readonly=False):
        self._fd = os.open(path, _access(readonly))
        _check_size(self._fd, path, size)
        self._punch = True
        self._direct = None if readonly else self._open_direct(path)

    def connect(self):
        """Return what one thread uses: itself, pwrite(2) needs no state."""
        return self

    def read(self, offset, view):
        _read(self._fd, view, offset)

    def write(self, offset, view):
        """Write; the view's address must equal offset modulo a page."""
        for at, size, whole in cut(offset, len(view), PAGE):
            part = view[at - offset : at - offset + size]
            if not whole or not self._write_direct(at, part):
                _write(self._fd, part, at)

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
        step = len(_ZEROS) - PAGE
        for at in range(offset, offset + length, step):
            shift = at % PAGE
            size = min(step, offset + length - at)
            self.write(at, _ZEROS[shift : shift + size])

    def flush(self):
        """Make all completed writes durable; its error counts."""
        os.fdatasync(self._fd)
        os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def _open_direct(self, path):
        try:
            return os.open(path, _access(False) | os.O_DIRECT)
        except OSError:
            return None

    def _write_direct(self, offset, view):
        """Return whether the file system took it, False: write buffered."""
        if self._direct is None:
            return False
        try:
            _write(self._direct, view, offset)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self._direct = None
            return False
        return True

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
