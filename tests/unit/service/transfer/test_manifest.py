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
import os

import testtools

from migrate_service.transfer import manifest


class ManifestTest(testtools.TestCase):
    def test_counts_a_short_last_region_and_chunk(self):
        one = manifest.Manifest(1025 * manifest.REGION + 512)
        self.assertEqual(1026, one.regions)
        self.assertEqual(2, one.chunks)
        self.assertEqual(32 * 1024, len(one.chunk(0)))
        self.assertEqual(64, len(one.chunk(1)))

    def test_json_round_trip(self):
        one = manifest.Manifest(1030 * manifest.REGION)
        for region in range(one.regions):
            one.set(region, os.urandom(32))
        text = json.dumps(one.to_json())
        two = manifest.Manifest(one.size, json.loads(text))
        self.assertEqual(one.digest(), two.digest())
        self.assertEqual(one.get(1029), two.get(1029))

    def test_digest_needs_every_region(self):
        one = manifest.Manifest(2 * manifest.REGION)
        one.set(0, manifest.ZERO)
        self.assertEqual(1, one.unknown())
        self.assertIsNone(one.digest())
        one.set(1, manifest.ZERO)
        other = manifest.Manifest(2 * manifest.REGION - 512)
        other.set(0, manifest.ZERO * 2)
        self.assertNotEqual(one.digest(), other.digest())

    def test_wrong_chunks_are_refused(self):
        one = manifest.Manifest(manifest.REGION)
        for index, data in ((0, b'short'), (1, b''), (0, bytes(64))):
            if len(data) != 0:
                self.assertRaises(ValueError, one.set_chunk, index, data)
        self.assertRaises(ValueError, one.set, 1, manifest.ZERO)
