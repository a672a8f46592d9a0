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

from migrate_service.drivers.openstack import errors
from migrate_service.drivers.openstack import quotas
from migrate_service.drivers.openstack import volumes


class TestCompare(testtools.TestCase):
    def test_enough(self):
        quotas.compare({'cores': 4}, {'cores': (8, 4)})

    def test_unlimited(self):
        quotas.compare({'cores': 4}, {'cores': (-1, 4000)})

    def test_quota_that_is_not_told(self):
        quotas.compare({'cores': 4}, {})

    def test_too_little(self):
        error = self.assertRaises(
            errors.TargetQuotaExceeded,
            quotas.compare,
            {'instances': 1, 'cores': 5},
            {'instances': (10, 1), 'cores': (8, 4)},
        )
        self.assertIn('cores', str(error))
        self.assertIn('5 needed, 4 free', str(error))

    def test_limit_lowered_below_the_usage(self):
        error = self.assertRaises(
            errors.TargetQuotaExceeded,
            quotas.compare,
            {'ram': 1},
            {'ram': (10, 20)},
        )
        self.assertIn('0 free', str(error))


class TestWanted(testtools.TestCase):
    def test_by_type_and_in_total(self):
        wanted = quotas.wanted_of([(3, 'fast'), (1, 'fast'), (2, 'slow')])
        self.assertEqual(3, wanted['volumes'])
        self.assertEqual(6, wanted['gigabytes'])
        self.assertEqual(4, wanted['gigabytes_fast'])
        self.assertEqual(1, wanted['volumes_slow'])


class TestSize(testtools.TestCase):
    def test_never_less_than_the_disk(self):
        gib = 1024**3
        for size, expected in (
            (1, 1),
            (gib, 1),
            (gib + 1, 2),
            (gib + 512, 2),
            (2 * gib, 2),
        ):
            self.assertEqual(expected, volumes.gibibytes(size))
