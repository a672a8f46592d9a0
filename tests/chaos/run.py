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
"""One warm migration, and what chance makes of it."""

import threading
import time

from migrate_service import pipelines
from migrate_service.drivers.fake import snapshots
from tests.chaos import agreement
from tests.chaos import disturbances
from tests.chaos import watch
from tests.functional import base
from tests.functional import guest

#: Seconds that a run may stand still.
PATIENCE = 240
INTERVAL = 0.1
#: Steps in which nothing can follow changes of the disks any more.
AFTER_ROUNDS = pipelines.WARM[pipelines.WARM.index('stop_source') :]


class GivenUp(Exception):
    """It ended in a clean error that no retry passes: it was cancelled."""


class Run:
    """A migration of ``machine``.

    :param case: :class:`tests.chaos.base.ChaosCase`.
    :param chance: ``random.Random`` of this run alone.
    """

    def __init__(self, case, machine, chance):
        self.case = case
        self.machine = machine
        self.chance = chance
        self.clouds = case.clouds
        self.cluster = case.cluster
        self.id = None
        self.data = None
        self.done = []

    def go(self):
        """Migrate the machine, disturb that, and see what comes of it."""
        writer = guest.Guest(
            self.clouds, self.machine, self.chance.random(), interval=0.01
        )
        writer.start()
        try:
            self._start()
            if self.chance.random() < 0.12:
                self._cancel()
            else:
                self._rounds()
                self._cut_over()
        except GivenUp:
            pass
        finally:
            writer.stop()

    def _start(self):
        options = {
            'kind': 'warm',
            'sync_interval': 3600,
            'delta': self.chance.choice(('auto', 'auto', 'compare')),
            'verify': self.chance.choice(('sample', 'full')),
            'transport': self.chance.choice(('auto', 'auto', 'https')),
        }
        if options['transport'] == 'auto':
            options['transport'] = 'file'
        if self.chance.random() < 0.5:
            # Slow, but no single run may take longer than all others.
            size = sum(disk.size for disk in self.machine.disks)
            options['bandwidth_limit'] = max(6 * 1024**2, size // 2)
        self.done.append(str(options))
        self.id = self.case.create(
            self.case.source_id, self.machine, **options
        )

    def _rounds(self):
        for _number in range(self.chance.randint(1, 3)):
            self._pause()
            self._disturb()
            self._settle()
            self._wish(self.case.sync)
        self._disturb()
        self._settle()

    def _cut_over(self):
        self._disturb()
        self._wish(self.case.cut_over)
        self._pause()
        self._disturb()
        row = self._settle('completed')
        self._agreed(row, ended=True)
        found = agreement.unequal(self, row) + watch.repairs(row)
        self.case.assertEqual([], found, self.story(row))

    def _cancel(self):
        self._pause()
        self._disturb()
        self._wish(self.case.cancel)
        self._disturb()
        self._end_cancelled()

    def _end_cancelled(self):
        row = self._settle('cancelled')
        self._agreed(row, ended=True)
        self.case.assertEqual([], self.case.left(self.id))
        power = disturbances.now(self).power_state
        self.case.assertEqual('on', power, self.story(row))
        state = snapshots.tracking(self.clouds, self.machine.key)
        self.case.assertFalse(state['enabled'], self.story(row))

    def _give_up(self):
        """Cancel for good, and see that everything is as it was."""
        self.case.cancel(self.id)
        self._end_cancelled()
        raise GivenUp

    def _disturb(self):
        what = disturbances.choose(self.chance)
        self.done.append(what.__name__)
        what(self)

    def _pause(self):
        """Let the migration come somewhere, nobody knows where."""
        threading.Event().wait(self.chance.uniform(0, 1.5))

    def _wish(self, act):
        """Ask for something; again while it is in error."""
        while True:
            try:
                act(self.id)
            except base.Refused as error:
                self.done.append(f'refused: {error.code}')
                if self._settle().status in ('completed', 'cancelled'):
                    return
            else:
                self.done.append(act.__name__)
                return

    def _settle(self, wanted='waiting'):
        """Return the row when the migration waits for us, or ended."""
        before, deadline = None, 0.0
        while True:
            row = self.case.migration(self.id)
            if self._there(row, wanted):
                return row
            now = (row.status, row.step, row.attempt)
            if now != before:
                before, deadline = now, time.monotonic() + PATIENCE
            if time.monotonic() > deadline:
                raise AssertionError(f'It stands still: {self.story(row)}')
            if row.status == 'error':
                self._answer(row)
            threading.Event().wait(INTERVAL)

    def _there(self, row, wanted):
        if row.status == wanted == 'waiting':
            return row.progress.get('rounds') and not row.sync_requested_at
        cut = wanted == 'waiting' and row.step not in pipelines.ROUNDS
        ended = row.status in ('completed', 'cancelled')
        if ended and wanted not in ('waiting', row.status):
            raise AssertionError(f'{wanted} was wanted: {self.story(row)}')
        return row.status == wanted or (cut and ended)

    def _answer(self, row):
        """Do what the remedy says; an error must be a clean one."""
        if row.retry_requested_at or row.cancel_requested_at:
            return
        self.case.assertTrue(row.error['code'], self.story(row))
        self.case.assertTrue(row.error['remedy'], self.story(row))
        self.case.assertNotEqual(
            'step.failed', row.error['code'], self.story(row)
        )
        self.case.assertNotEqual(
            watch.Lost.code, row.error['code'], self.story(row)
        )
        self._agreed(row)
        self.done.append(f'error at {row.step}: {row.error["code"]}')
        if row.error['code'] == 'machine.changed':
            # A disk changed when it was too late to follow.
            self.case.assertIn(row.step, AFTER_ROUNDS, self.story(row))
            self._give_up()
            return
        if row.error['code'] == 'machine.has_snapshots':
            snapshots.remove(
                self.clouds, disturbances.now(self), disturbances.BACKUP
            )
        again = (
            self.case.cancel
            if row.step in pipelines.ROLLBACK
            else self.case.retry
        )
        try:
            again(self.id)
        except base.Refused as error:
            self.done.append(f'refused: {error.code}')

    def _agreed(self, row, ended=False):
        found = agreement.differences(self, ended)
        again = self.case.migration(self.id)
        if (again.status, again.attempt) == (row.status, row.attempt):
            self.case.assertEqual([], found, self.story(row))

    def story(self, row):
        """Return what was done to it, and what came of it."""
        events = '\n'.join(
            f'{event.event} {event.status} {event.step} {event.attempt} '
            f'{event.worker}: {event.message}'
            for event in self.case.events(self.id)
        )
        return f'{row.status} {row.step} {row.error}\n{self.done}\n{events}'
