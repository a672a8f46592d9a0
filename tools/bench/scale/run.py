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
"""Measure the control plane at two sizes in one run; see the package."""

import json
import os
import time

from tests import fixtures
from tests.lab import settings
from tools.bench.scale import deployment

#: The wanted value of each figure: at least, or at most.
WANTED = {
    'list_p95_ms': ('<=', 100),
    'flat': ('<=', 1.2),
    'lost': ('<=', 0),
    'fair': ('>=', 0.8),
}
#: Less of all, for a first look.
QUICK = {'few': 40, 'many': 200, 'ended': 1000, 'interval': 3}


def measure(few=100, many=1000, ended=9000, interval=15, beats=3):
    """Return the figures, with those of either size.

    :param few: migrations in flight at first.
    :param many: and then.
    :param ended: rows of migrations that are over.
    :param interval: seconds between two heartbeats of a worker.
    :param beats: intervals that each size is looked at.
    """
    os.environ.setdefault('TEST_MYSQL_URL', settings.TEST_MYSQL_URL)
    os.environ.setdefault('TEST_RABBIT_URL', settings.TEST_RABBIT_URL)
    deployed = deployment.Deployment(interval)
    deployed.setUp()
    try:
        _queue(deployed.rows, many)
        deployed.rows.ended(ended)
        found = {'few': _size(deployed, few, interval, beats)}
        found['fair'] = _fairness(deployed.shares())
        found['many'] = _size(deployed, many, interval, beats)
        found['lost'] = deployed.lost()
        found['ended'] = sum(worker.ended for worker in deployed.workers)
        deployed.stop()
    finally:
        deployed.cleanUp()
    found['list_p95_ms'] = found['many']['list_p95_ms']
    costs = [found[size]['conductor_ms_a_beat'] for size in ('few', 'many')]
    found['flat'] = costs[1] / costs[0]
    return found


def _queue(rows, many):
    """Let one project ask for much before the others ask for anything."""
    first, *others = rows.projects
    share = many // len(rows.projects) * 2
    rows.waiting({first: share * 2} | dict.fromkeys(others, share))


def _fairness(shares):
    """Return the smallest share over the largest."""
    return min(shares.values()) / max(shares.values())


def _size(deployed, count, interval, beats):
    """Fill the slots, then look on for some intervals."""
    filled = deployed.offer(count)
    time.sleep(interval)
    since, began = time.monotonic(), deployment.cpu(deployed.conductor)
    lists = deployed.list_times(100, limit=100)
    whole = deployed.list_times(20)
    fixtures.wait_for(
        lambda: time.monotonic() - since >= beats * interval,
        'the heartbeats',
        patience=beats * interval + 60,
    )
    spent = deployment.cpu(deployed.conductor) - began
    seen = deployed.beats(since)
    leases = sum(count for _seconds, count in seen)
    return {
        'migrations': count,
        'seconds_to_fill': round(filled, 1),
        'conductor_cpu': round(spent / (time.monotonic() - since), 3),
        'conductor_ms_a_beat': round(1000 * spent / leases, 3),
        'heartbeat_ms': round(
            1000 * sum(seconds for seconds, _ in seen) / leases, 3
        ),
        'heartbeat_p95_ms': _ms([seconds for seconds, _count in seen]),
        'list_p95_ms': _ms(lists),
        'list_of_1000_p95_ms': _ms(whole),
        'load': os.getloadavg()[0],
    }


def _ms(seconds):
    return round(1000 * deployment.p95(seconds), 1)


def show(found):
    """Print what either size costs."""
    for size in ('few', 'many'):
        print(json.dumps(found[size], indent=2))
    print(f'migrations that ended meanwhile: {found["ended"]}')
    for name, (sign, wanted) in WANTED.items():
        value = found[name]
        met = value >= wanted if sign == '>=' else value <= wanted
        verdict = '' if met else '  MISSED'
        print(f'{name:24} {value:8.3f}  wanted {sign} {wanted}{verdict}')
