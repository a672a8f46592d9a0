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

import testtools

from migrate_service.transfer import budget


class BucketTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.now = 0.0

    def _spend(self, bucket, seconds, size):
        """Take as much as allowed until the clock passes; return bytes."""
        end = self.now + seconds
        spent = 0
        while self.now < end:
            wait = bucket.take(size)
            if wait:
                self.now += max(wait, 0.001)
            else:
                spent += size
        return spent

    def test_holds_the_rate_with_requests_above_the_burst(self):
        bucket = budget.Bucket(1000, clock=lambda: self.now)
        spent = self._spend(bucket, 100, 700)
        self.assertTrue(100_000 <= spent <= 102_000, spent)

    def test_no_credit_is_saved_up(self):
        bucket = budget.Bucket(1000, clock=lambda: self.now)
        self.now = 500.0
        self.assertLessEqual(self._spend(bucket, 1, 100), 1300)

    def test_a_new_rate_counts_at_once(self):
        bucket = budget.Bucket(1000, clock=lambda: self.now)
        self._spend(bucket, 10, 100)
        bucket.set_rate(10_000)
        spent = self._spend(bucket, 10, 100)
        self.assertTrue(99_000 <= spent <= 102_000, spent)
        bucket.set_rate(None)
        self.assertEqual(0, bucket.take(10**12))


class SharesTest(testtools.TestCase):
    def test_what_one_does_not_use_goes_to_the_others(self):
        got = budget.shares(900, {'a': None, 'b': 100, 'c': None})
        self.assertEqual({'a': 400, 'b': 100, 'c': 400}, got)

    def test_never_more_than_the_rate(self):
        got = budget.shares(900, {'a': 5000, 'b': 700, 'c': None})
        self.assertEqual({'a': 300, 'b': 300, 'c': 300}, got)

    def test_all_of_the_rate_is_given(self):
        """A disk that has just begun has used nothing yet."""
        self.assertEqual({'a': 900}, budget.shares(900, {'a': 18}))
        both = budget.shares(900, {'a': 18, 'b': 118})
        self.assertEqual({'a': 400, 'b': 500}, both)

    def test_no_disk(self):
        self.assertEqual({}, budget.shares(900, {}))

    def test_no_limit(self):
        self.assertEqual({'a': None}, budget.shares(None, {'a': 5}))
