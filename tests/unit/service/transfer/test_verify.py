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

import os

import blake3

from migrate_service.transfer import manifest
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from migrate_service.transfer import verify
from tests.unit.service.transfer import disks

MIB = disks.MIB


class VerifyTest(disks.TransferTest):
    """A target that was changed behind our back is found and repaired."""

    SIZE = 17 * MIB + 512
    END = 20 * MIB

    def setUp(self):
        super().setUp()
        self.content = (
            self.random.randbytes(5 * MIB)
            + bytes(8 * MIB)
            + self.random.randbytes(self.SIZE - 13 * MIB)
        )
        self.store('source', self.content)
        self.target = self.sink('target', bytes(self.END), zeroed=True)
        self.hashes = self.copy('source', self.target)

    def _verify(self, mode='full', source=None, sink=None, **options):
        job = verify.VerifyJob(
            'disk', self.SIZE, sink or self.target, self.hashes, source
        )
        results = verify.verify(
            [job],
            mode=mode,
            workdir=self.work,
            report=lambda key, progress: None,
            check=lambda: None,
            **options,
        )
        return results['disk']

    def _spoil(self, offset, data=b'\1'):
        with open(self.path('target'), 'r+b') as image:
            image.seek(offset)
            image.write(data)

    def test_good(self):
        result = self._verify()
        want = verify.VerifyResult(self.END, ranges.Ranges(), 0)
        self.assertEqual(want, result)

    def test_a_changed_byte_anywhere_is_found_and_repaired(self):
        places = {
            self.random.randrange(5 * MIB): 'data',
            8 * MIB + self.random.randrange(4 * MIB): 'zeros',
            self.SIZE - 1: 'last region',
            self.SIZE: 'tail',
            self.END - 1: 'end of the tail',
        }
        for place, what in places.items():
            old = self.load('target')[place]
            self._spoil(place, bytes([old ^ 0x55]))
            result = self._verify()
            self.assertIn(place, result.mismatches, (what, self.seed))
            self.assertLessEqual(result.mismatches.total, manifest.REGION)
            self.copy(
                'source',
                self.target,
                extents=list(result.mismatches),
                rest='keep',
                hashes=self.hashes,
            )
            self.assertEqual(0, self._verify().mismatches.total, what)

    def test_device(self):
        device = self.loop(self.path('target'))
        sink = sinks.Sink(device, self.END)
        self.assertEqual(0, self._verify(sink=sink).mismatches.total)
        self._spoil(self.END - 9)
        os.sync()
        result = self._verify(sink=sink)
        self.assertIn(self.END - 9, result.mismatches)

    def test_sample_checks_both_ends(self):
        self._spoil(3, b'\0\1\2\3')
        self._spoil(self.SIZE - 3, b'\0\1\2')
        result = self._verify('sample', sample=1, seed=self.seed)
        self.assertIn(3, result.mismatches)
        self.assertIn(self.SIZE - 1, result.mismatches)
        self.assertLessEqual(result.checked, 3 * manifest.REGION)

    def test_unknown_regions_are_settled_by_the_source(self):
        digest = self.hashes.digest()
        self.hashes.set(0, manifest.UNKNOWN)
        self.hashes.set(2, manifest.UNKNOWN)
        self._spoil(9, b'\0\1\2\3')
        result = self._verify()
        self.assertEqual((2, 0), (result.unknown, result.mismatches.total))
        with self.opened('source', self.SIZE) as source:
            result = self._verify(source=source)
        self.assertEqual(0, result.unknown)
        self.assertEqual([[0, manifest.REGION]], result.mismatches.to_json())
        self.assertEqual(digest, self.hashes.digest())

    def test_digest_of_a_file_equals_that_of_its_copy(self):
        whole = blake3.blake3(self.load('source')).hexdigest()
        found = verify.file_digest(self.path('target'), self.SIZE)
        self.assertEqual(whole, found)
