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


"""The rounds of a warm migration as a graph, and its downtime as parts."""

from migrate_dashboard import steps

WIDTH, HEIGHT, LEFT, TOP = 640, 160, 8, 12


def graph(rounds):
    """Return what the SVG of the dirty rate is drawn from; None if nothing.

    :param rounds: as in ``progress``; the rate is bytes a second that the
        guest changed between two rounds.
    :returns: ``points`` (``x``, ``y``, ``round``), ``line`` (of a polyline),
        ``most`` (bytes a second) and the size of the picture.
    """
    shown = [one for one in rounds or () if one['dirty_rate'] is not None]
    if len(shown) < 2:
        return None
    most = max(one['dirty_rate'] for one in shown) or 1
    step = (WIDTH - 2 * LEFT) / (len(shown) - 1)
    points = [
        {
            'x': round(LEFT + step * i),
            'y': round(
                TOP + (HEIGHT - 2 * TOP) * (1 - one['dirty_rate'] / most)
            ),
            'round': one,
        }
        for i, one in enumerate(shown)
    ]
    return {
        'points': points,
        'line': ' '.join(f'{one["x"]},{one["y"]}' for one in points),
        'most': most,
        'width': WIDTH,
        'height': HEIGHT,
        'floor': HEIGHT - TOP,
    }


def downtime(migration):
    """Return rows ``(label, predicted, actual)`` in seconds, and their sum.

    :returns: ``{'rows': [...], 'predicted': …, 'actual': …}`` or None.
    """
    predicted = migration.predicted_downtime or {}
    actual = migration.downtime or {}
    if not predicted and not actual:
        return None
    parts = predicted.get('parts') or {}
    return {
        'rows': [
            (label, parts.get(name), actual.get(name))
            for name, label in steps.DOWNTIME_PARTS.items()
        ],
        'predicted': predicted.get('total'),
        'actual': actual.get('total'),
    }
