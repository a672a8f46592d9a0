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

"""How the fake source tells what changed: as unkindly as a vCenter may.

What a test wants of it is in the ``tracking`` of a machine: ``generous``
(neighbours are told too), ``forgetful`` (every second area is kept back),
``grain`` (areas are rounded out to so many bytes, also beyond the end),
``page`` (bytes that one answer covers; the next begins earlier than it was
asked for), ``shuffled`` (areas come twice and in no order), ``page_faults``
(so many answers that are not the first fail).
"""

import random

from migrate_service.drivers import areas

BLOCK = 4096


def collect(disk, marks, state, take_fault):
    """Return ``[(start, length)]`` of the marked blocks of a disk.

    :param marks: a truth for each block.
    :param state: the ``tracking`` of the machine.
    :param take_fault: returns whether this answer is to fail.
    :raises TrackingUnusable: as a vCenter's faults are understood.
    """
    told = _told(marks, disk.size, state)

    def ask(start):
        if start and take_fault():
            raise areas.unusable(disk, 'a test asked for a fault')
        return _page(told, start, disk.size, state)

    return areas.collect(disk, ask)


def _told(marks, size, state):
    if state.get('generous'):
        marks = [
            any(marks[max(0, at - 1) : at + 2]) for at in range(len(marks))
        ]
    told = [
        (at * BLOCK, min(BLOCK, size - at * BLOCK))
        for at, mark in enumerate(marks)
        if mark
    ]
    if state.get('forgetful'):
        told = told[::2]
    grain = state.get('grain')
    if grain:
        told = [(start // grain * grain, grain) for start, _length in told]
        told = list(dict.fromkeys(told))
    return told


def _page(told, start, size, state):
    length = state.get('page') or size
    first = max(0, start - length // 3) if start else 0
    length = min(length + start - first, size - first)
    inside = [
        (at, many)
        for at, many in told
        if at < first + length and at + many > first
    ]
    if state.get('shuffled'):
        chance = random.Random(f'{start}/{len(inside)}')  # noqa: S311
        inside += inside[: len(inside) // 2]
        chance.shuffle(inside)
    return areas.Page(start=first, length=length, areas=inside)
