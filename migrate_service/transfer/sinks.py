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

"""Where bytes are written: block devices, raw files, qcow2 through NBD."""

import contextlib
import dataclasses
import os
import time

from migrate_service import child
from migrate_service.transfer import errors

START_TIMEOUT = 20.0
"""Seconds that qemu-nbd may take to open the image and listen."""


@dataclasses.dataclass(frozen=True)
class Sink:
    """The target of one disk, as the volume driver attached it.

    :param path: block device, or image file.
    :param size: bytes of the (virtual) disk; at least the source's. What
        lies beyond the source is made zero.
    :param format: ``raw`` or ``qcow2``; never probed.
    :param zeroed: True only when *every byte not yet written* is known to
        read as zero (a new sparse file, a new thin volume). False for
        encrypted volumes, reused or thick ones: zeros are then written.
    """

    path: str
    size: int
    format: str = 'raw'
    zeroed: bool = False


@contextlib.contextmanager
def serve(sink, *, disk, workdir, name, readonly=False):
    """Yield the address of a sink for a mover, a dict.

    ``{'path': …}`` for raw sinks, ``{'uri': …}`` for qcow2, which a child
    ``qemu-nbd -f qcow2`` serves on a unix socket below ``workdir``; plus
    ``size`` and ``zeroed``.

    :param disk: the disk's key, for errors.
    :raises errors.SinkUnusable: the image cannot be opened.
    """
    address = {'size': sink.size, 'zeroed': sink.zeroed}
    if sink.format == 'raw':
        yield {'path': sink.path, **address}
        return
    if sink.format != 'qcow2':
        reason = f'format {sink.format!r} is not supported'
        raise errors.SinkUnusable(disk=disk, reason=reason)
    socket = os.path.join(workdir, f'{name}.sink')
    command = [
        'qemu-nbd',
        '--format=qcow2',
        f'--socket={socket}',
        f'--pid-file={socket}.pid',
        '--persistent',
        '--shared=0',
        '--cache=none' if _direct(sink.path) else '--cache=writeback',
        '--discard=unmap',
        *(['--read-only'] if readonly else []),
        '--',
        sink.path,
    ]
    log = os.path.join(workdir, f'{name}.sink.log')
    with contextlib.ExitStack() as stack:
        for path in (socket, f'{socket}.pid'):
            _remove(path)
            stack.callback(_remove, path)
        server = stack.enter_context(child.Child(command, log=log))
        _wait_for(f'{socket}.pid', server, disk)
        yield {'uri': f'nbd+unix:///?socket={socket}', **address}


def _wait_for(pidfile, server, disk):
    deadline = time.monotonic() + START_TIMEOUT
    while not os.path.exists(pidfile):
        if not server.running() or time.monotonic() > deadline:
            reason = server.tail(500) or 'qemu-nbd does not answer'
            raise errors.SinkUnusable(disk=disk, reason=reason)
        time.sleep(0.01)


def _direct(path):
    """Return whether the file system of the image takes O_DIRECT."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_DIRECT))
    except OSError:
        return False
    return True


def _remove(path):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
