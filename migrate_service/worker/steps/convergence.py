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


"""When the next round of a warm migration is due, and what it predicts.

Pure functions over the rounds that were made, oldest first, as
``progress['rounds']`` has them: ``bytes`` copied, ``seconds`` that took,
``rate`` (bytes a second read), ``dirty_rate`` (bytes a second that the guest
wrote between two snapshots; None for the first).
"""

from migrate_service import downtime

#: Seconds between rounds when nothing presses, at most and at least.
LONGEST = 3600.0
SHORTEST = 10.0
#: Seconds of copying that the last delta may take by the interval's choice.
TARGET = 10.0
#: A round follows at once while it can be expected to halve the delta.
HALF = 0.5


def predict(rounds, interval):
    """Return the downtime that a cutover would have, by part, in seconds.

    :param interval: seconds since the last snapshot when it begins.
    :returns: ``{'shutdown', 'delta', 'total'}``; None before a delta was
        measured. Conversion and boot are not in it.
    """
    delta = downtime.delta(rounds, interval)
    if delta is None:
        return None
    shutdown = downtime.DEFAULTS['shutdown']
    parts = {'shutdown': shutdown, 'delta': delta, 'total': shutdown + delta}
    return {name: round(value, 1) for name, value in parts.items()}


def converges(rounds):
    """Return whether rounds get shorter; None while that is not known.

    They never do when the guest writes faster than we copy.
    """
    dirty, rate = downtime.rates(rounds)
    if dirty is None or not rate:
        return None
    return dirty < rate


def next_in(rounds, interval=None):
    """Return the seconds until the next round is due.

    At once while it will be much smaller than the last; else at an interval
    that shrinks with the dirty rate, so that the last delta stays short.
    Where the guest writes faster than we copy, more rounds do not help.

    :param interval: what the user asked for, in seconds; None decides.
    """
    last = rounds[-1]
    dirty, rate = downtime.rates(rounds)
    expected = (dirty or 0) * last['seconds']
    if dirty is None or (
        expected < HALF * last['bytes'] and last['seconds'] > downtime.OVERHEAD
    ):
        return 0.0
    if interval is not None:
        return float(interval)
    if not dirty or not rate or dirty >= rate:
        return LONGEST
    return max(SHORTEST, min(LONGEST, TARGET * rate / dirty))
