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


"""What a cutover costs: predicted from what was measured. Pure functions.

``rounds`` are those that were made, oldest first, as ``progress['rounds']``
has them: ``bytes`` copied, ``seconds`` that took, ``rate`` (bytes a second
read), ``dirty_rate`` (bytes a second that the guest wrote between two
snapshots; None for the first), ``ended_at``.
"""

import datetime
import statistics

#: What a cutover consists of, in order.
PARTS = ('shutdown', 'delta', 'verify', 'convert', 'create', 'boot')
#: Seconds that no delta falls below: snapshot, attachment, first request.
OVERHEAD = 5.0
#: Seconds of each part until it was measured here.
DEFAULTS = {'shutdown': 30.0, 'verify': 5.0, 'create': 15.0, 'boot': 60.0}
#: Seconds of a conversion by what is to be done.
UNTOUCHED, CONVERT = 2.0, {'none': 40.0, 'minimal': 45.0, 'full': 600.0}


def rates(rounds):
    """Return dirty rate and copy rate, the most cautious of the last."""
    dirty = [one['dirty_rate'] for one in rounds[-3:]]
    known = [one for one in dirty if one is not None]
    # A round that found nothing to copy tells no rate.
    rates = [one['rate'] for one in rounds if one['rate']]
    return max(known, default=None), min(rates[-3:], default=None)


def delta(rounds, interval):
    """Return the seconds of the last delta; None before one was measured.

    :param interval: seconds since the last snapshot when it begins.
    """
    dirty, rate = rates(rounds)
    if dirty == 0:
        return OVERHEAD
    if dirty is None or not rate:
        return None
    return OVERHEAD + dirty * interval / rate


def frozen_at(rounds):
    """Return when the last round froze the disks, UTC without zone."""
    last = rounds[-1]
    ended = datetime.datetime.fromisoformat(last['ended_at'])
    ended = ended.astimezone(datetime.UTC).replace(tzinfo=None)
    return ended - datetime.timedelta(seconds=last['seconds'])


def measure(history, source_id, conversion):
    """Return what earlier cutovers took, ``{part: (seconds, basis)}``.

    Medians: of the same source where there are any, else of all.

    :param history: ``[(source id, result)]`` of completed migrations.
    :param conversion: kind of the conversion to come, or None.
    """
    found = {}
    for part in PARTS:
        for basis in ('source', 'deployment'):
            values = [
                result['downtime'][part]
                for source, result in history
                if part in (result.get('downtime') or {})
                and (basis == 'deployment' or source == source_id)
                and (part != 'convert' or _kind(result) == conversion)
            ]
            if values and part not in found:
                found[part] = (statistics.median(values), basis)
    return found


def predict(progress, interval, measured):
    """Return the downtime of a cutover, or None while nothing tells it.

    :param progress: of the migration: its ``rounds`` and ``conversion``.
    :param interval: seconds since the last snapshot when it begins.
    :param measured: what :func:`measure` returned.
    :returns: ``{'total', 'parts': {part: seconds}, 'basis': {part: where
        the figure is from}}``.
    """
    last = delta(progress.get('rounds') or [], interval)
    if last is None:
        return None
    parts, basis = {}, {}
    for part in PARTS:
        if part == 'delta':
            parts[part], basis[part] = last, 'rounds'
        elif part in measured:
            parts[part], basis[part] = measured[part]
        else:
            parts[part] = _default(part, progress.get('conversion') or {})
            basis[part] = 'default'
    parts = {part: round(seconds, 1) for part, seconds in parts.items()}
    total = round(sum(parts.values()), 1)
    return {'total': total, 'parts': parts, 'basis': basis}


def _default(part, conversion):
    if part != 'convert':
        return DEFAULTS[part]
    if conversion.get('writes') is False:
        return UNTOUCHED
    return CONVERT.get(conversion.get('kind'), CONVERT['minimal'])


def _kind(result):
    return (result.get('conversion') or {}).get('kind')
