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

"""What follows when a migration leaves its wait for a while, and returns."""

from migrate_service import states
from migrate_service.conductor import outcome
from migrate_service.db.api import rehearsals as rehearsals_db


def _setting_out(row, excursion, message):
    """An excursion begins; the next round is kept for its end."""
    due = row.not_before
    values = states.advance(row, excursion) | {
        f'{excursion}_requested_at': None,
        'checkpoint': row.checkpoint
        | {excursion: {}, 'round_due': due.isoformat() if due else None},
    }
    return outcome.Outcome(values | outcome.fresh_step(), excursion, message)


def rehearsing(row):
    """A rehearsal begins."""
    begun = _setting_out(row, 'rehearse', 'The rehearsal begins.')
    begun.event = 'rehearsal'
    begun.values['checkpoint']['rehearsal'] = {}
    begun.rehearsal = {'status': rehearsals_db.RUNNING}
    return begun


def preparing(row):
    """A preparation of the guest begins."""
    return _setting_out(row, 'prepare', 'The guest is being prepared.')


def rehearsal_failed(row, values, error):
    """The migration goes on: what was made for the rehearsal is removed."""
    return outcome.Outcome(
        values | outcome.fresh_step() | {'error': None},
        'rehearsal_failed',
        f'The rehearsal failed at the step {row.step}: {error["message"]}',
        {'error': error},
        {'verdict': rehearsals_db.FAILED, 'error': error},
    )


def failed(row, values, error):
    """An excursion failed: the migration goes on waiting all the same."""
    message = f'The step {row.step} failed: {error["message"]}'
    values |= outcome.fresh_step() | {
        'error': error,
        'warnings': [*row.warnings, message],
    }
    return outcome.Outcome(
        values, 'excursion_failed', message, {'error': error}
    )
