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


"""When rounds follow each other, and what a cutover would cost."""

import testtools

from migrate_service import downtime
from migrate_service.worker.steps import convergence

MIB = 1024**2


def made(size, seconds, rate=100 * MIB, dirty=None):
    return {
        'bytes': size,
        'seconds': seconds,
        'rate': rate,
        'dirty_rate': dirty,
    }


FIRST = made(100_000 * MIB, 1000)


class TestConvergence(testtools.TestCase):
    def test_the_second_round_follows_at_once(self):
        self.assertEqual(0, convergence.next_in([FIRST]))
        self.assertIsNone(convergence.predict([FIRST], 60))
        self.assertIsNone(convergence.converges([FIRST]))

    def test_another_follows_at_once_while_it_halves_the_delta(self):
        rounds = [FIRST, made(10_000 * MIB, 100, dirty=10 * MIB)]
        self.assertEqual(0, convergence.next_in(rounds))

    def test_what_is_small_waits_for_what_the_guest_writes(self):
        calm = [FIRST, made(MIB, 1, dirty=MIB)]
        busy = [FIRST, made(50 * MIB, 1, dirty=50 * MIB)]
        idle = [FIRST, made(0, 1, dirty=0)]
        self.assertEqual(1000, convergence.next_in(calm))
        self.assertEqual(20, convergence.next_in(busy))
        self.assertEqual(convergence.LONGEST, convergence.next_in(idle))

    def test_the_user_decides_of_the_interval(self):
        rounds = [FIRST, made(MIB, 1, dirty=MIB)]
        self.assertEqual(77, convergence.next_in(rounds, 77))

    def test_a_guest_that_writes_faster_than_the_copy(self):
        rounds = [FIRST, made(100 * MIB, 1, rate=MIB, dirty=2 * MIB)]
        self.assertFalse(convergence.converges(rounds))
        self.assertEqual(convergence.LONGEST, convergence.next_in(rounds))

    def test_the_delta_grows_with_the_interval(self):
        rounds = [FIRST, made(10 * MIB, 1, dirty=10 * MIB)]
        self.assertTrue(convergence.converges(rounds))
        parts = convergence.predict(rounds, 100)
        self.assertEqual(downtime.OVERHEAD + 10, parts['delta'])
        self.assertEqual(parts['shutdown'] + parts['delta'], parts['total'])
