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


@contextlib.contextmanager
def open_disk(path, *, root, size, workdir, name):
    """Yield the :class:`~..transports.Export` of the file at ``path``.

    :param path: the file, below ``root`` also after symbolic links.
    :param root: the configured mount point of the datastore.
    :param size: bytes the disk must have.
    :param workdir: private directory for sockets and logs.
    :param name: short name of the disk, unique in ``workdir``.
    :raises errors.TransportFailed: and its subclasses, with the cause.
    """
    raise NotImplementedError
    yield
