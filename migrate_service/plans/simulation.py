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

"""How long a plan would take: it is played, by the rules that drive it.

What begins when is asked of ``plans.decision``, as a conductor does; how long
it takes is told by what other machines took. Pure.
"""

import collections
import dataclasses
import datetime
import typing

from migrate_service import pipelines
from migrate_service import states as migration_states
from migrate_service.plans import decision
from migrate_service.plans import states
from migrate_service.plans import windows

#: What may be relieved of, one by one, to see what it costs.
BOUNDS = ('nodes', 'source', 'budget', 'concurrency', 'order', 'windows')
#: Columns of the migration of a machine, by the phase that it is in.
COLUMNS: dict[str, tuple] = {
    'copy': (migration_states.RUNNING, pipelines.ROUND),
    'wait': (migration_states.WAITING, pipelines.WAIT),
    'cutover': (migration_states.RUNNING, 'stop_source'),
    'done': (migration_states.COMPLETED, None),
}


@dataclasses.dataclass(frozen=True)
class Work:
    """What a machine takes.

    :param amount: bytes to copy.
    :param rate: bytes a second, when nothing else holds it up.
    :param cutover: seconds from the stop of the source to the end.
    """

    amount: float
    rate: float
    cutover: float


@dataclasses.dataclass(frozen=True)
class Means:
    """What a plan is carried out with.

    :param slots: of all nodes together; None is as many as it takes.
    :param source: how many migrations of a source have a slot at a time.
    :param budget: bytes a second, of all copies together.
    """

    slots: int | None = None
    source: int | None = None
    budget: float | None = None

    @property
    def places(self):
        """Return how many machines may be worked on at a time."""
        known = [one for one in (self.slots, self.source) if one is not None]
        return min(known, default=None)


@dataclasses.dataclass(frozen=True)
class Course:
    """How a plan went.

    ``began`` and ``ended`` map ids of machines to times; ``end`` is None and
    ``reason`` a sentence when the plan does not come to its end.
    """

    end: datetime.datetime | None
    reason: str | None
    began: dict
    ended: dict
    peak: int


class _Play:
    """One run; ``left`` is bytes of a copy, or seconds of a cutover."""

    def __init__(self, plan, machines, work, means, now):
        self.plan, self.work, self.means, self.now = plan, work, means, now
        self.machines = {one.id: _reset(one) for one in machines}
        self.left: dict[str, float] = {}
        self.busy: set[str] = set()
        self.queue: collections.deque[str] = collections.deque()
        self.began: dict[str, datetime.datetime] = {}
        self.ended: dict[str, datetime.datetime] = {}
        self.peak = 0
        self.over: decision.Action | None = None

    def run(self):
        while True:
            self._decide()
            if self.over:
                break
            self._seat()
            step = self._next()
            if step is None:
                break
            self._pass(step)
        complete = self.over and self.over.kind == 'complete'
        reason: str | None = 'Nothing leads on from here.'
        if self.over:
            reason = self.over.message
        return Course(
            end=self.now if complete else None,
            reason=None if complete else reason,
            began=self.began,
            ended=self.ended,
            peak=self.peak,
        )

    def _decide(self):
        """Do what a conductor would, until nothing is due."""
        while True:
            machines = tuple(self.machines.values())
            actions = decision.decide(self.plan, machines, self.now)
            done = False
            for action in actions:
                if action.kind in ('start', 'cut_over'):
                    done = True
                    for one in action.machines:
                        self._enter(one.id, action.kind)
                elif action.kind in ('complete', 'stop', 'take_back'):
                    self.over = action
            if self.over or not done:
                return

    def _enter(self, id, kind):
        if kind == 'start':
            self.began[id] = self.now
            self.left[id] = self.work[id].amount
        else:
            self.left[id] = self.work[id].cutover
        self._change(id, 'copy' if kind == 'start' else 'cutover')
        self.queue.append(id)

    def _change(self, id, phase):
        status, step = COLUMNS[phase]
        self.machines[id] = dataclasses.replace(
            self.machines[id], migration_id=id, status=status, step=step
        )

    def _seat(self):
        """Give free places to those that have waited longest."""
        places = self.means.places
        while self.queue and (places is None or len(self.busy) < places):
            self.busy.add(self.queue.popleft())
        self.peak = max(self.peak, len(self.busy))

    def _next(self):
        """Return the seconds until something happens, or None: nothing."""
        rates = self._rates()
        steps = [self.left[id] / rates[id] for id in self.busy]
        steps += [
            (moment - self.now).total_seconds()
            for moment in windows.moments(self.plan.windows)
            if moment > self.now
        ]
        return min(steps, default=None)

    def _rates(self):
        """Return by how much each place comes on in a second."""
        copying = [id for id in self.busy if self._copies(id)]
        share = _share(
            self.means.budget, [self.work[id].rate for id in copying]
        )
        rates = dict.fromkeys(self.busy, 1.0)
        rates |= {id: min(share, self.work[id].rate) for id in copying}
        return rates

    def _copies(self, id):
        return self.machines[id].step == pipelines.ROUND

    def _pass(self, seconds):
        """Let time pass; who is ready leaves its place."""
        rates = self._rates()
        self.now += datetime.timedelta(seconds=seconds)
        for id in sorted(self.busy, key=lambda id: self.began[id]):
            self.left[id] -= rates[id] * seconds
            if self.left[id] <= rates[id] * 1e-3:
                self.busy.remove(id)
                self._leave(id)

    def _leave(self, id):
        if not self._copies(id):
            self._change(id, 'done')
            self.ended[id] = self.now
        elif self.plan.kind == 'warm':
            self._change(id, 'wait')
        else:
            self._change(id, 'cutover')
            self.left[id] = self.work[id].cutover
            self.busy.add(id)


def _reset(machine):
    """Return the machine as done when it has arrived, else at its start."""
    over = machine.state in states.OVER - {'failed'}
    status, step = COLUMNS['done'] if over else (None, None)
    return states.Machine(
        id=machine.id,
        name=machine.name,
        wave=machine.wave,
        position=machine.position,
        group=machine.group,
        migration_id=machine.id if over else None,
        status=status,
        step=step,
    )


def _share(budget, rates):
    """Return what each copy may have of a budget that all share fairly.

    Who needs less than its share leaves the rest to the others.
    """
    if budget is None:
        return float('inf')
    left, count = budget, len(rates)
    for rate in sorted(rates):
        if rate * count >= left:
            return left / count
        left, count = left - rate, count - 1
    return float('inf')


def play(plan, machines, work, means, now):
    """Return the :class:`Course` of a plan that begins, or goes on, now.

    Nothing fails and what arrives is accepted. A warm plan without a window
    for cutovers is taken to be cut over as its machines become ready.

    :param plan: as for ``decision.decide``.
    :param machines: its :class:`states.Machine`, by position; what has not
        arrived begins anew.
    :param work: ``{machine id: Work}``.
    :param means: :class:`Means`.
    """
    asked = plan.cutover_requested_at
    if plan.windows['cutover'] is None:
        asked = now
    played = _Plan.of(plan, cutover_requested_at=asked)
    return _Play(played, machines, work, means, now).run()


@dataclasses.dataclass(frozen=True)
class _Plan:
    """What ``decision.decide`` reads of a plan; it always runs."""

    kind: str
    waves: list
    concurrency: int | None
    windows: dict
    cutover_requested_at: datetime.datetime | None
    status: str = states.RUNNING
    on_failure: str = 'stop'
    retries: int = 0
    options: typing.Any = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, plan, **changes):
        names = ('kind', 'waves', 'concurrency', 'windows')
        return cls(**{name: getattr(plan, name) for name in names} | changes)


def relief(plan, machines, work, means, now):
    """Return ``{bound: seconds}`` that the plan would end sooner without it.

    :returns: of :data:`BOUNDS` those that hold the plan up, the worst first;
        None of a plan that would end at all only without it.
    """
    usual = play(plan, machines, work, means, now).end
    found: dict[str, int | None] = {}
    for bound in BOUNDS:
        freed = _freed(plan, means, bound)
        end = play(freed[0], machines, work, freed[1], now).end
        if end and usual is None:
            found[bound] = None
        elif end and (saved := round((usual - end).total_seconds())) > 0:
            found[bound] = saved
    order = sorted(found, key=lambda bound: -(found[bound] or 0))
    return {bound: found[bound] for bound in order}


def _freed(plan, means, bound):
    """Return plan and means without one bound."""
    changes: dict[str, typing.Any] = {
        'cutover_requested_at': plan.cutover_requested_at
    }
    if bound == 'nodes':
        means = dataclasses.replace(means, slots=None)
    elif bound in ('source', 'budget'):
        means = dataclasses.replace(means, **{bound: None})
    elif bound == 'concurrency':
        waves = [wave | {'concurrency': None} for wave in plan.waves]
        changes |= {'concurrency': None, 'waves': waves}
    elif bound == 'order':
        changes['waves'] = [wave | {'after': []} for wave in plan.waves]
    else:
        changes['windows'] = windows.NONE
    return _Plan.of(plan, **changes), means
