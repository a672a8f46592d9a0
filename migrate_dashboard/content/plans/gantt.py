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


"""The waves of a plan as bars on a common scale of time."""

import datetime

from django.utils import dateparse

LEFT, WIDTH, ROW, TOP = 150, 800, 30, 26
#: How many times are written above the bars.
TICKS = 4


def chart(plan, machines, migrations, now):
    """Return what the SVG is drawn from; None before anything has a time.

    :param machines: of the plan; ``migrations``: ``{id: migration}`` of
        those that are known.
    :returns: ``bars``, one a wave (``x`` and ``width`` are None before its
        first machine began), ``bands`` of the windows in which the plan may
        begin and cut over, ``ticks``, and the size of the picture.
    """
    spans = [_span(one, machines, migrations, now) for one in plan.waves]
    windows = _windows(plan.windows or {})
    pairs = (*spans, *(one[1:] for one in windows))
    times = [time for pair in pairs for time in pair if time]
    if not times:
        return None
    if plan.started_at:
        times.append(dateparse.parse_datetime(plan.started_at))
    scale = _Scale(min(times), max(times))
    bars = [
        {
            'wave': wave,
            'begin': first,
            'end': last,
            'y': TOP + number * ROW,
            'x': first and scale.x(first),
            'width': first and max(3, scale.x(last) - scale.x(first)),
        }
        for number, (wave, (first, last)) in enumerate(
            zip(plan.waves, spans, strict=True)
        )
    ]
    return {
        'bars': bars,
        'bands': [
            {
                'kind': kind,
                'begin': first,
                'end': last,
                'x': scale.x(first or scale.first),
                'width': scale.x(last or scale.last)
                - scale.x(first or scale.first),
            }
            for kind, first, last in windows
        ],
        'ticks': scale.ticks(),
        'left': LEFT,
        'width': WIDTH,
        'floor': TOP + ROW * len(bars),
        'height': TOP + ROW * len(bars) + 6,
    }


class _Scale:
    """Times as pixels between LEFT and WIDTH."""

    def __init__(self, first, last):
        self.first = first
        self.last = max(last, first + datetime.timedelta(minutes=1))

    def x(self, time):
        share = (time - self.first) / (self.last - self.first)
        return round(LEFT + share * (WIDTH - LEFT))

    def ticks(self):
        """Return ``{'x', 'time'}`` at equal distances."""
        step = (self.last - self.first) / TICKS
        times = [self.first + step * number for number in range(TICKS)]
        return [{'x': self.x(time), 'time': time} for time in times]


def _span(wave, machines, migrations, now):
    """Return when a wave began and ended, or now; (None, None) before."""
    moved = [
        migrations[one.migration_id]
        for one in machines
        if one.wave == wave['name'] and one.migration_id in migrations
    ]
    if not moved:
        return None, None
    first = min(dateparse.parse_datetime(one.created_at) for one in moved)
    if wave['status'] not in ('done', 'failed'):
        return first, now
    ends = [
        dateparse.parse_datetime(one.ended_at) for one in moved if one.ended_at
    ]
    return first, max(ends, default=now)


def _windows(windows):
    found = []
    for kind in ('start', 'cutover'):
        window = windows.get(kind) or {}
        ends = [
            dateparse.parse_datetime(window[name])
            if window.get(name)
            else None
            for name in ('not_before', 'not_after')
        ]
        if any(ends):
            found.append((kind, *ends))
    return found
