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

import json
import random

import testtools

from migrate_service.transfer import ranges


class RangesTest(testtools.TestCase):
    """Against sets of integers."""

    def _draw(self, generator):
        pairs = [
            (generator.randrange(60), generator.randrange(9))
            for _ in range(generator.randrange(12))
        ]
        return pairs, {
            byte
            for start, size in pairs
            for byte in range(start, start + size)
        }

    def test_like_sets(self):
        seed = random.randrange(2**32)
        generator = random.Random(seed)
        for _ in range(400):
            first, one = self._draw(generator)
            second, two = self._draw(generator)
            a, b = ranges.Ranges(first), ranges.Ranges(second)
            low, high = sorted(generator.sample(range(70), 2))
            window = set(range(low, high))
            for got, want in (
                (a, one),
                (a.union(b), one | two),
                (a.subtract(b), one - two),
                (a.intersect(b), one & two),
                (ranges.Ranges(a.within(low, high)), one & window),
            ):
                self.assertEqual(self._normal(want), got.to_json(), seed)
                self.assertEqual(len(want), got.total)
            for start, size in second:
                a.add(start, size)
            self.assertEqual(self._normal(one | two), a.to_json(), seed)
            self.assertEqual(
                one | two, {byte for byte in range(80) if byte in a}
            )

    def _normal(self, numbers):
        result = []
        for number in sorted(numbers):
            if result and sum(result[-1]) == number:
                result[-1][1] += 1
            else:
                result.append([number, 1])
        return result

    def test_json_round_trip(self):
        one = ranges.Ranges([(0, 4), (8, 2)])
        text = json.dumps(one.to_json())
        self.assertEqual('[[0, 4], [8, 2]]', text)
        self.assertEqual(one, ranges.Ranges(json.loads(text)))

    def test_negative_is_refused(self):
        self.assertRaises(ValueError, ranges.Ranges, [(-1, 4)])
