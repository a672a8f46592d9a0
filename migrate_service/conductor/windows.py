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


"""Whether a cutover with a window or a limit begins: pure functions."""

from migrate_service import downtime
from migrate_service.conductor import outcome
from migrate_service.conductor import outcomes
from migrate_service.db.api import cutovers


def judge(row, now, measured):
    """Return the outcome for a migration whose window is open, or None.

    It is cut over when the predicted downtime fits. When it would fit after
    another round, that is made. Else the rounds follow as they do; when the
    window ends without a fit, the migration goes on waiting.

    :param row: waits, and its ``cutover_at`` has come.
    :param measured: what ``downtime.measure`` returned.
    """
    if row.cutover_not_after and row.cutover_not_after <= now:
        return _missed(row, now, measured)
    limit = row.max_downtime
    if limit is None:
        return outcomes.cut_over(row)
    expected = predicted(row.progress, now, measured)
    if expected is None:
        return None
    if expected['total'] <= limit:
        why = (
            f', as its predicted downtime of {expected["total"]:g} seconds '
            f'is within {limit}'
        )
        return outcomes.cut_over(row, why)
    again = row.progress['rounds'][-1]['seconds']
    after = downtime.predict(row.progress, again, measured)
    if after['total'] <= limit:
        return outcomes.another_round(
            row,
            f'Another round begins: with it the predicted downtime of '
            f'{expected["total"]:g} seconds should fall below {limit}.',
        )
    return None


def predicted(progress, now, measured):
    """Return the downtime of a cutover that begins at ``now``, or None."""
    rounds = progress.get('rounds')
    if not rounds:
        return None
    age = (now - downtime.frozen_at(rounds)).total_seconds()
    return downtime.predict(progress, max(0.0, age), measured)


def _missed(row, now, measured):
    warning = (
        f'The cutover did not begin by its end: {_why(row, now, measured)}'
    )
    values = cutovers.NONE | {'warnings': [*row.warnings, warning]}
    return outcome.Outcome(values, 'cutover_missed', warning)


def _why(row, now, measured):
    expected = predicted(row.progress, now, measured)
    if row.max_downtime is None:
        return 'the migration was busy all the time. Ask for it again.'
    if expected is None:
        return (
            'too few rounds were made to predict its downtime. Ask for it '
            'again after the next round.'
        )
    dearest = max(expected['parts'], key=expected['parts'].get)
    return (
        f'its predicted downtime of {expected["total"]:g} seconds is above '
        f'{row.max_downtime}, mostly for its part {dearest} '
        f'({expected["parts"][dearest]:g}). Ask for it at a quieter time or '
        f'with a larger limit.'
    )
