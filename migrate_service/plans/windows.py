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

"""When the machines of a plan may begin, and be cut over: pure functions.

Windows are kept as the API shows them: ``start`` and ``cutover`` with
``not_before`` and ``not_after``, ``blackouts`` with ``from`` and ``until``;
times as ISO 8601 text in UTC.
"""

import datetime
import typing

NONE: dict[str, typing.Any] = {'start': None, 'cutover': None, 'blackouts': []}


def moment(text):
    """Return a time as the database holds it, from text of a window."""
    return text and datetime.datetime.fromisoformat(text)


def moments(windows):
    """Return every time at which a window opens or ends."""
    intervals = [windows['start'], windows['cutover'], *windows['blackouts']]
    names = ('not_before', 'not_after', 'from', 'until')
    return [
        moment(interval[name])
        for interval in intervals
        for name in names
        if interval and interval.get(name)
    ]


def black(windows, now):
    """Return whether nothing may begin at ``now``."""
    return any(
        moment(one['from']) <= now < moment(one['until'])
        for one in windows['blackouts']
    )


def begun(window, now):
    """Return whether the beginning of a window, if it has one, is over."""
    start = moment((window or {}).get('not_before'))
    return start is None or start <= now


def over(window, now):
    """Return whether a window has ended."""
    end = moment((window or {}).get('not_after'))
    return end is not None and end <= now


def may_start(windows, now):
    """Return whether machines may begin at ``now``."""
    window = windows['start']
    return (
        begun(window, now)
        and not over(window, now)
        and not black(windows, now)
    )


def may_cut_over(windows, asked, now):
    """Return whether machines may be cut over at ``now``.

    :param asked: whether a user asked for it; needs no window.
    """
    if black(windows, now):
        return False
    window = windows['cutover']
    if asked:
        return True
    return window is not None and begun(window, now) and not over(window, now)
