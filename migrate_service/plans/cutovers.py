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

"""Which machines of a plan are cut over, accepted or taken back: pure."""

from migrate_service import pipelines
from migrate_service.plans import windows

#: States of a member with which its group is as it should be.
GOOD = frozenset({'arrived', 'completed'})


def groups(machines):
    """Return ``{name: [members]}`` of the groups of a plan."""
    found: dict[str, list] = {}
    for one in machines:
        if one.group:
            found.setdefault(one.group, []).append(one)
    return found


def begun(member):
    """Return whether the source of a machine is, or may soon be, off."""
    return (
        member.state in GOOD
        or member.cutover_at is not None
        or (member.live and member.step in pipelines.CUTOVER)
    )


def broken(plan, members, now):
    """Return whether a group cannot arrive whole, and why, or None.

    Only one that has begun its cutover, and has something to take back.
    """
    if not returnable(members) or all(one.state in GOOD for one in members):
        return None
    # They were cut over together: who waits again has come back.
    lost = [
        _told(one)
        for one in members
        if one.state in ('pending', 'failed', 'cancelled') or _ready(one)
    ]
    if lost:
        return f'this failed or came back: {", ".join(lost)}'
    asked = plan.cutover_requested_at is not None
    if not asked and windows.over(plan.windows['cutover'], now):
        return 'the window for cutovers ended before all of it arrived'
    return None


def _told(member):
    """Return the name of a machine, and the code of its error if it has one.

    Not the message: projects with a grant read the events of their plans, and
    it may name hosts and paths.
    """
    error = member.migration_error or member.error
    return f'{member.name} ({error["code"]})' if error else member.name


def returnable(members):
    """Return the members that can be brought back, and are not yet."""
    return [
        one
        for one in members
        if one.live
        and begun(one)
        and one.step in (pipelines.WAIT, *pipelines.CUTOVER)
        and not (one.cancel_requested_at or one.rollback_requested_at)
    ]


def due(plan, machines, now):
    """Return tuples of machines that are cut over together, now."""
    asked = plan.cutover_requested_at is not None
    if not windows.may_cut_over(plan.windows, asked, now):
        return []
    ready = [(one,) for one in machines if not one.group and _ready(one)]
    for members in groups(machines).values():
        waiting = tuple(one for one in members if one.state not in GOOD)
        if waiting and all(_ready(one) for one in waiting):
            ready.append(waiting)
    return ready


def acceptable(plan, machines):
    """Return the members of whole groups that nobody has to accept."""
    if plan.options.get('acceptance') != 'auto':
        return []
    return [
        tuple(one for one in members if one.acceptable)
        for members in groups(machines).values()
        if all(one.state in GOOD for one in members)
        and any(one.acceptable for one in members)
    ]


def _ready(one):
    return one.state == 'waiting' and one.cutover_at is None
