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
def serve(sink, *, workdir, name, readonly=False):
    """Yield the address of a sink for a mover, a dict.

    ``{'path': …}`` for raw sinks, ``{'uri': …}`` for qcow2, which a child
    ``qemu-nbd -f qcow2`` serves on a unix socket below ``workdir``.
    """
    raise NotImplementedError
    yield
