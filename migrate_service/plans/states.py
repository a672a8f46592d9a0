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

"""Statuses of a plan, and the states of its machines."""

import dataclasses
import datetime
import typing

from migrate_service import pipelines
from migrate_service import states

DRAFT = 'draft'
RUNNING = 'running'
PAUSED = 'paused'
CANCELLING = 'cancelling'
CANCELLED = 'cancelled'
COMPLETED = 'completed'
ERROR = 'error'
STATUSES = (DRAFT, RUNNING, PAUSED, CANCELLING, CANCELLED, COMPLETED, ERROR)
#: Nothing leads out of these.
ENDED = (CANCELLED, COMPLETED)
#: A conductor has something to do for a plan in one of these.
DRIVEN = (RUNNING, PAUSED, CANCELLING, ERROR)

#: What a user asks for: from which statuses, and what it leads to.
ACTIONS = {
    'start': ((DRAFT,), RUNNING),
    'pause': ((RUNNING,), PAUSED),
    'resume': ((PAUSED, ERROR), RUNNING),
    'cancel': ((RUNNING, PAUSED, ERROR), CANCELLING),
    'cutover': ((RUNNING,), RUNNING),
}

#: ``waiting`` is for the cutover; ``arrived`` machines run in the project
#: and wait to be accepted.
MACHINE_STATES = (
    'pending',
    'moving',
    'waiting',
    'arrived',
    'completed',
    'failed',
    'cancelled',
)
#: Nothing more comes of these by itself.
OVER = frozenset({'arrived', 'completed', 'failed', 'cancelled'})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine of a plan with what is known of its migration.

    ``error`` is what the plan itself found wrong, a dict or None; ``status``
    and what follows are columns of the migration, None before there is one.
    """

    id: str
    name: str
    wave: int
    position: int
    group: str | None = None
    retries: int = 0
    retry: bool = False
    error: dict | None = None
    migration_id: str | None = None
    kind: str | None = None
    status: str | None = None
    step: str | None = None
    migration_error: dict | None = None
    cutover_at: datetime.datetime | None = None
    accept_at: datetime.datetime | None = None
    cancel_requested_at: datetime.datetime | None = None
    rollback_requested_at: datetime.datetime | None = None
    retry_requested_at: datetime.datetime | None = None

    @property
    def state(self):
        """Return one of :data:`MACHINE_STATES`."""
        if self.migration_id is None:
            return 'failed' if self.error else 'pending'
        if self.status == states.CANCELLED:
            return 'failed' if self.error else 'cancelled'
        if self.status in (states.COMPLETED, states.ERROR):
            return 'completed' if self.status == states.COMPLETED else 'failed'
        if self._arrived:
            return 'arrived'
        if self._brought_back:
            return 'failed'
        if self.status != states.WAITING or self.step != pipelines.WAIT:
            return 'moving'
        if self.cutover_at:
            return 'waiting'
        return 'failed' if self.migration_error else 'waiting'

    @property
    def live(self):
        """Whether there is a migration that has not ended."""
        return self.status is not None and self.status not in states.ENDED

    @property
    def acceptable(self):
        """Whether it waits for somebody to accept it."""
        return (
            self.state == 'arrived'
            and self.status == states.WAITING
            and self.accept_at is None
        )

    @property
    def _brought_back(self):
        """Whether its source came back, also while it is copied on."""
        return bool(
            self.error
            and self.cutover_at is None
            and self.status in (states.RUNNING, states.WAITING)
            and self.step in pipelines.BEFORE_CUTOVER
        )

    @property
    def _arrived(self):
        return (
            self.status in (states.RUNNING, states.WAITING)
            and self.step in (pipelines.ACCEPTANCE, *pipelines.FINAL)
            and not (self.cancel_requested_at or self.rollback_requested_at)
        )


def progress(machines):
    """Return how many machines are in which state, and the percentage.

    :returns: ``{'machines', 'percent', state: count}``.
    """
    counts: dict[str, typing.Any] = dict.fromkeys(MACHINE_STATES, 0)
    for machine in machines:
        counts[machine.state] += 1
    total = len(machines)
    there = counts['arrived'] + counts['completed']
    percent = 100 * there // total if total else 0
    return {'machines': total, 'percent': percent} | counts


def wave_status(machines):
    """Return ``pending``, ``running``, ``done`` or ``failed`` of a wave."""
    found = {machine.state for machine in machines}
    if found <= {'pending'}:
        return 'pending'
    if found - OVER:
        return 'running'
    return 'failed' if 'failed' in found else 'done'
