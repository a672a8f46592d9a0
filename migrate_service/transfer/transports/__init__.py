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

"""Ways to read the bytes of a source disk; each yields an NBD export.

A transport is a context manager that owns its child processes and secrets,
must be used in the thread that entered it, and yields an :class:`Export`.
"""

import dataclasses
from collections import abc


def _silent():
    return ''


@dataclasses.dataclass(frozen=True)
class Export:
    """A disk that can be read over NBD while its transport is open.

    :param uri: an ``nbd+unix://`` URI.
    :param size: bytes, checked against what was expected.
    :param connections: how many connections serve it best.
    :param request_size: bytes of a read request that serve it best. Where
        either is None a trial at the start of the copy finds both, see
        :mod:`..tuning`.
    :param explain: returns what the server last complained about, a text
        without secrets; used in errors.
    """

    uri: str
    size: int
    connections: int | None = None
    request_size: int | None = None
    explain: abc.Callable[[], str] = dataclasses.field(
        default=_silent, compare=False
    )
