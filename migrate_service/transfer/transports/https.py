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

"""Read a frozen flat VMDK through vCenter's or ESXi's /folder over HTTPS."""

import contextlib
import dataclasses
from collections import abc


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """A web server whose address was resolved and checked beforehand.

    :param url: ``https://host[:port]/folder/…-flat.vmdk?dcPath=…&dsName=…``,
        each part quoted already.
    :param address: the IP address to connect to, no other is used.
    :param cafile: CA bundle that vouches for the host name; or
    :param certificate: PEM of exactly the certificate that is accepted
        (a pinned one; its names do not matter then).
    :param username, password: HTTP basic login; or
    :param cookie: callable that returns ``name=value`` of a live session;
        asked again every ``renew`` seconds.
    """

    url: str
    address: str
    cafile: str | None = None
    certificate: str | None = None
    username: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)
    cookie: abc.Callable[[], str] | None = None
    renew: float = 60.0


@contextlib.contextmanager
def open_disk(endpoint, *, size, workdir, name):
    """Yield the :class:`~..transports.Export` of the disk at the endpoint.

    :param size: bytes the disk must have.
    :param workdir: private directory for sockets and logs.
    :param name: short name of the disk, unique in ``workdir``.
    :raises errors.TransportFailed: and its subclasses, with the cause.
    """
    raise NotImplementedError
    yield
