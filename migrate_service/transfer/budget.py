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

"""Bytes per second: a token bucket in a mover, shares among movers."""

import threading
import time

BURST = 0.1
"""Seconds of the rate that may be taken at once."""


class Bucket:
    """A token bucket in debt form, shared by the threads of one mover.

    A request is let through while the bucket is not in debt and is then
    charged in full, so that requests larger than the burst pass as well.

    :param rate: bytes a second; None or 0 for no limit.
    """

    def __init__(self, rate=None, clock=time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._rate = rate or 0
        self._level = self._rate * BURST
        self._at = clock()

    def set_rate(self, rate):
        """Change the rate from now on; debt is kept."""
        with self._lock:
            self._refill()
            self._rate = rate or 0

    def take(self, size):
        """Charge ``size`` bytes and return 0, or the seconds to wait."""
        if not self._rate:
            return 0
        with self._lock:
            self._refill()
            if self._level < 0 and self._rate:
                return -self._level / self._rate
            self._level -= size
            return 0

    def _refill(self):
        now = self._clock()
        if self._rate:
            level = self._level + (now - self._at) * self._rate
            self._level = min(level, self._rate * BURST)
        else:
            self._level = 0
        self._at = now


def shares(rate, demands):
    """Divide a rate among disks, all of it, so that none is held back.

    What one does not use goes to those that use all they get; where there
    is none, to all alike. What was used lately is no limit by itself: at
    the start of a copy it is nothing.

    :param rate: bytes a second for all, None for no limit.
    :param demands: ``{key: bytes a second it used lately}``; None for a
        disk that uses all it gets.
    :returns: ``{key: bytes a second}``, or None for each without a limit.
    """
    if not rate:
        return dict.fromkeys(demands)
    result = {}
    left = rate
    known = [key for key in demands if demands[key] is not None]
    order = sorted(known, key=demands.get)
    order += [key for key in demands if demands[key] is None]
    for index, key in enumerate(order):
        fair = left / (len(order) - index)
        wanted = fair if demands[key] is None else demands[key]
        result[key] = max(1, int(min(fair, wanted)))
        left -= result[key]
    spare = max(0, int(left)) // max(1, len(result))
    return {key: share + spare for key, share in result.items()}
