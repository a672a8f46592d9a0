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
"""What the machines of an assessment take together."""

import collections

from migrate_service.concerns import registry
from migrate_service.concerns import sizing

UNLIMITED = -1
#: Concerns that say that there are too many machines, not that one is bad.
CROWDED = frozenset({'concern.quota_exceeded', 'concern.subnet_full'})


class Totals:
    """Sums; quotas are those of all machines that could move alone.

    :param target: ``concerns.facts.Target``.
    :param rates: figures behind the predictions.
    """

    def __init__(self, target, rates):
        self._quotas = target.quotas
        self._rates = rates
        self._counts: collections.Counter[str] = collections.Counter()
        self._needed: collections.Counter[str] = collections.Counter()
        self._sums: collections.Counter[str] = collections.Counter()

    def add(self, about, result):
        """Count a machine.

        :param about: ``concerns.facts.Facts``.
        :param result: what was found.
        """
        self._counts['machines'] += 1
        blocking = {c['code'] for c in registry.blocking(result['concerns'])}
        if blocking:
            self._counts['blocked'] += 1
        elif result['severity'] == 'warning':
            self._counts['warned'] += 1
        if blocking <= CROWDED:
            self._needed.update(sizing.demand(about))
            self._sums['bytes'] += result['prediction']['bytes']
            self._sums['copy_seconds'] += result['prediction']['copy_seconds']

    def to_dict(self):
        """Return the totals as the API shows them."""
        counts = {
            name: self._counts[name]
            for name in ('machines', 'blocked', 'warned')
        }
        sums = {name: self._sums[name] for name in ('bytes', 'copy_seconds')}
        quotas = [
            self._quota(name, needed)
            for name, needed in sorted(self._needed.items())
        ]
        return counts | sums | {'quotas': quotas, 'rates': self._rates}

    def _quota(self, name, needed):
        limit, used = self._quotas.get(name, (None, None))
        free = None
        if limit not in (None, UNLIMITED):
            free = max(0, limit - used)
        return {
            'name': name,
            'needed': needed,
            'limit': limit,
            'used': used,
            'free': free,
            'suffices': free is None or needed <= free,
        }
