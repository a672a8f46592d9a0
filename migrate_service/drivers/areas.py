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

"""The changed areas of a disk, asked for page by page."""

import dataclasses

from migrate_service.drivers import errors


@dataclasses.dataclass(frozen=True)
class Page:
    """One answer: it covers ``length`` bytes from ``start`` on, no more.

    ``areas`` are ``(start, length)``, in any order; they may overlap and go
    beyond what the page covers, even beyond the end of the disk.
    """

    start: int
    length: int
    areas: list[tuple[int, int]]


def collect(disk, ask):
    """Return ``[(start, length)]`` of all pages of a disk.

    An answer covers what it says and no more, hence the loop (bareos PR
    2152).

    :param ask: called with the offset to go on at, returns a :class:`Page`.
    :raises TrackingUnusable: the pages leave a gap, do not go on, or name
        areas that cannot be.
    """
    areas, start = [], 0
    while start < disk.size:
        page = ask(start)
        end = page.start + page.length
        if page.start > start or end <= start:
            raise unusable(disk, f'the answer covers {page.start} to {end}')
        if any(at < 0 or length < 0 for at, length in page.areas):
            raise unusable(disk, 'the answer has negative areas')
        areas += page.areas
        start = end
    return areas


def unusable(disk, reason):
    """Return the error that nothing can be told of a disk."""
    return errors.TrackingUnusable(disk=disk.label, reason=reason)
