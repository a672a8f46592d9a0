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

"""What a plan does next: a pure function of the plan and its machines."""

import dataclasses
import itertools

from migrate_service import pipelines
from migrate_service.plans import cutovers
from migrate_service.plans import states
from migrate_service.plans import windows


@dataclasses.dataclass(frozen=True)
class Action:
    """Something to do, with the sentence of its event.

    ``kind`` is ``start``, ``retry``, ``cut_over``, ``accept``,
    ``take_back`` or ``cancel`` for ``machines``; ``stop``, ``complete`` or
    ``cancelled`` for the plan.
    """

    kind: str
    machines: tuple[states.Machine, ...] = ()
    message: str | None = None


def decide(plan, machines, now):
    """Return the actions that are due, in order.

    :param plan: has ``status``, ``kind``, ``options``, ``waves``,
        ``concurrency``, ``on_failure``, ``retries``, ``windows`` and
        ``cutover_requested_at``.
    :param machines: every :class:`states.Machine` of it, by position.
    """
    if plan.status == states.CANCELLING:
        return _cancel(machines)
    if plan.status not in states.DRIVEN:
        return []
    # Half a group is put right whatever the plan does.
    back = list(_take_back(plan, machines, now))
    if back or plan.status != states.RUNNING:
        return back
    failed = [one for one in machines if one.state == 'failed']
    again = [one for one in failed if one.retry or one.retries < plan.retries]
    actions = [Action('retry', (one,)) for one in again if not _asked(one)]
    lost = [one for one in failed if one not in again]
    if lost and plan.on_failure == 'stop':
        return [*actions, Action('stop', message=_stopped(lost, machines))]
    waves = _waves(plan, machines)
    if windows.may_start(plan.windows, now):
        actions += _starts(plan, waves, machines)
    actions += [
        Action(
            'cut_over', unit, f'The cutover of {_names(unit)} is asked for.'
        )
        for unit in cutovers.due(plan, machines, now)
    ]
    actions += [
        Action('accept', unit, f'The whole group arrived: {_names(unit)}.')
        for unit in cutovers.acceptable(plan, machines)
    ]
    open_ = [one for one in machines if one.state not in states.OVER]
    due = [one for wave in waves if wave.due for one in wave.pending]
    busy = [one for one in open_ if one.state != 'pending']
    if due and not busy and windows.over(plan.windows['start'], now):
        message = 'The window for starts ended before all machines had begun.'
        return [*actions, Action('stop', message=message)]
    if not (again or due or busy):
        actions += _end(waves, machines, lost)
    return actions


@dataclasses.dataclass(frozen=True)
class _Wave:
    name: str
    concurrency: int | None
    machines: tuple[states.Machine, ...]
    due: bool

    @property
    def pending(self):
        return [one for one in self.machines if one.state == 'pending']

    @property
    def moving(self):
        return sum(one.state == 'moving' for one in self.machines)


def _waves(plan, machines):
    """Return the waves, each with whether its turn has come."""
    by_wave = {
        wave: tuple(group)
        for wave, group in itertools.groupby(machines, lambda one: one.wave)
    }
    members = [by_wave.get(number, ()) for number in range(len(plan.waves))]
    numbers = {wave['name']: i for i, wave in enumerate(plan.waves)}
    waves = []
    for number, wave in enumerate(plan.waves):
        if wave.get('after') is None:
            due = number == 0 or _over(members[number - 1])
        else:
            due = all(
                _over(members[numbers[name]], good=True)
                for name in wave['after']
            )
        waves.append(
            _Wave(wave['name'], wave.get('concurrency'), members[number], due)
        )
    return waves


def _over(machines, good=False):
    """Whether a wave is over; what must be ``good`` has no failure.

    A wave that only comes later in the order goes on after a failure (the
    rule of the plan says so); one that depends on it does not.
    """
    allowed = states.OVER - ({'failed', 'cancelled'} if good else set())
    return all(one.state in allowed for one in machines)


def _starts(plan, waves, machines):
    """Yield a start for each machine, or group, that there is room for.

    Machines begin in their order: a group that does not fit yet is not
    overtaken, or it would never find room.
    """
    room = _room(plan.concurrency, machines)
    for wave in waves:
        if not wave.due:
            continue
        in_wave = _room(wave.concurrency, wave.machines)
        for unit in _units(wave.machines):
            if min(room, in_wave) < len(unit):
                break
            room -= len(unit)
            in_wave -= len(unit)
            yield Action('start', unit)


def _room(concurrency, machines):
    if concurrency is None:
        return float('inf')
    return concurrency - sum(one.state == 'moving' for one in machines)


def _units(machines):
    """Return tuples of machines of a wave that start together.

    A group waits until none of it is on its way, or on its way back.
    """
    units: dict[str, list[states.Machine]] = {}
    for one in machines:
        key = f'group {one.group}' if one.group else f'machine {one.id}'
        units.setdefault(key, []).append(one)
    fit = {'pending'} | cutovers.GOOD
    found = [
        tuple(one for one in unit if one.state == 'pending')
        for unit in units.values()
        if len(unit) == 1 or {one.state for one in unit} <= fit
    ]
    return [unit for unit in found if unit]


def _take_back(plan, machines, now):
    """Yield what brings the members of a broken group back."""
    for name, members in cutovers.groups(machines).items():
        why = cutovers.broken(plan, members, now)
        if why:
            left = tuple(one for one in members if one.state != 'completed')
            message = f'The group {name} is taken back: {why}.'
            yield Action('take_back', left, message)


def _names(machines):
    return ', '.join(one.name for one in machines)


def _asked(machine):
    return machine.retry_requested_at is not None


def _stopped(lost, machines):
    """Tell what failed, with what of its groups is still on its way back."""
    groups = {one.group for one in lost if one.group}
    failed = [
        one
        for one in machines
        if one in lost or (one.group in groups and one.error)
    ]
    names = _names(failed)
    return f'Stopped by the rule of the plan, as these failed: {names}.'


def _end(waves, machines, lost):
    if any(one.state == 'arrived' for one in machines):
        return []
    held = [wave.name for wave in waves if wave.pending]
    if not lost and not held:
        return [Action('complete', message='Every machine was moved.')]
    message = 'Some machines were not moved.'
    if lost:
        message = f'These machines failed: {_names(lost)}.'
    if held:
        message += (
            f' These waves were held back, as one that they depend on was '
            f'not moved whole: {", ".join(held)}.'
        )
    return [Action('stop', message=message)]


def _cancel(machines):
    """Return what ends the machines that have not arrived."""
    left = [
        one for one in machines if one.live and one.state not in ('arrived',)
    ]
    wanted = [
        one
        for one in left
        if not one.cancel_requested_at and one.step not in pipelines.ROLLBACK
    ]
    if not left:
        message = 'Cancelled. Servers that run already were left alone.'
        return [Action('cancelled', message=message)]
    return [Action('cancel', (one,)) for one in wanted]
