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

"""Read a flat VMDK on a datastore that is mounted on the node."""

import contextlib
import os
import stat

from migrate_service.transfer import errors
from migrate_service.transfer import transports
from migrate_service.transfer.transports import nbdkit


@contextlib.contextmanager
def open_disk(path, *, root, size, workdir, name):
    """Yield the :class:`~..transports.Export` of the file at ``path``.

    The file is opened once, here, and nbdkit gets the descriptor: what a
    symbolic link points at later does not matter.

    :param path: the file, below ``root`` also after symbolic links.
    :param root: the configured mount point of the datastore.
    :param size: bytes the disk must have.
    :param workdir: private directory for sockets and logs.
    :param name: short name of the disk, unique in ``workdir``.
    :raises errors.TransportFailed: and its subclasses, with the cause.
    """
    fd = _open(path, root)
    try:
        actual = os.fstat(fd).st_size
        if actual != size:
            raise errors.TransportWrongSize(
                where=path, actual=actual, expected=size
            )
        with nbdkit.serve(
            ['file', f'file=/proc/self/fd/{fd}'],
            workdir=workdir,
            name=name,
            pass_fds=(fd,),
        ) as server:
            nbdkit.probe(server, size=size, where=path)
            yield transports.Export(server.uri, size, explain=server.explain)
    finally:
        os.close(fd)


def _open(path, root):
    """Return a descriptor of a regular file that is below ``root``."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise errors.TransportNotFound(where=path) from error
    except OSError as error:
        raise errors.TransportFailed(
            where=path, reason=error.strerror
        ) from error
    real = os.readlink(f'/proc/self/fd/{fd}')
    base = os.path.join(os.path.realpath(root), '')
    if not real.startswith(base):
        reason = f'it is not below {root}'
    elif not stat.S_ISREG(os.fstat(fd).st_mode):
        reason = 'it is not a regular file'
    else:
        return fd
    os.close(fd)
    raise errors.TransportFailed(where=path, reason=reason)
