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
import subprocess
import time

import blake3

from migrate_service import exceptions
from migrate_service.transfer import errors
from migrate_service.transfer import manifest
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from tests.unit.service.transfer import disks

MIB = disks.MIB


class FullCopyTest(disks.TransferTest):
    """Random disks to random targets, byte for byte."""

    def _tail(self):
        return self.random.choice((0, 512, 4096, 3 * MIB))

    def test_files(self):
        digests = {}
        for size in disks.SIZES:
            content = self.disk(size)
            self.store('source', content)
            end = size + self._tail()
            for zeroed in (True, False):
                old = bytes(end) if zeroed else self.disk(end)
                sink = self.sink('target', old, zeroed=zeroed)
                hashes = self.copy('source', sink)
                want = content + bytes(end - size)
                self.assertTrue(self.load('target') == want, self.seed)
                digests.setdefault(size, set()).add(hashes.digest())
        self.assertEqual({1}, {len(found) for found in digests.values()})
        self.assertNotIn(None, set.union(*digests.values()))

    def test_block_devices_of_both_sector_sizes(self):
        for sector in (512, 4096):
            size = 9 * MIB + 512 * self.random.randrange(1, 8)
            end = 12 * MIB
            self.store('source', self.disk(size))
            self.sink('target', self.random.randbytes(end))
            device = self.loop(self.path('target'), f'--sector-size={sector}')
            self.copy('source', sinks.Sink(device, end))
            want = self.load('source') + bytes(end - size)
            self.assertTrue(self.load('target') == want, self.seed)

    def test_qcow2(self):
        size = 9 * MIB + 512
        self.store('source', self.disk(size))
        image = self.path('target.qcow2')
        command = ['qemu-img', 'create', '-f', 'qcow2', image, str(12 * MIB)]
        subprocess.run(command, check=True, capture_output=True)
        for zeroed in (True, False):
            sink = sinks.Sink(image, 12 * MIB, 'qcow2', zeroed)
            self.copy('source', sink)
            subprocess.run(
                ['qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw']
                + [image, self.path('target')],
                check=True,
            )
            want = self.load('source') + bytes(12 * MIB - size)
            self.assertTrue(self.load('target') == want, self.seed)
            self.store('source', self.disk(size))

    def test_hashes_are_of_the_content(self):
        content = self.random.randbytes(5 * MIB) + bytes(7 * MIB)
        self.store('source', content)
        sink = self.sink('target', bytes(12 * MIB), zeroed=True)
        hashes = self.copy('source', sink)
        want = [
            blake3.blake3(content[at : at + manifest.REGION]).digest()
            for at in (0, manifest.REGION)
        ]
        self.assertEqual(want, [hashes.get(0), hashes.get(1)])
        self.assertEqual(manifest.ZERO, hashes.get(2))

    def test_written_zeros_hash_like_holes(self):
        content = self.random.randbytes(MIB) + bytes(11 * MIB)
        digests = set()
        for dense in (True, False):
            self.store('source', content)
            if dense:
                with open(self.path('source'), 'r+b') as image:
                    image.write(content)
            sink = self.sink('target', bytes(12 * MIB), zeroed=True)
            hashes = self.copy('source', sink)
            self.assertEqual(manifest.ZERO, hashes.get(2))
            digests.add(hashes.digest())
        self.assertEqual(1, len(digests))

    def test_holes_are_kept_where_the_target_is_known_to_be_zero(self):
        content = bytes(4 * MIB) + self.random.randbytes(MIB) + bytes(4 * MIB)
        self.store('source', content)
        sink = self.sink('target', bytes(len(content)), zeroed=True)
        self.copy('source', sink)
        used = os.stat(self.path('target')).st_blocks * 512
        self.assertTrue(used <= MIB + 65536, used)


class DeltaTest(disks.TransferTest):
    def test_only_the_extents_change(self):
        for _ in range(6):
            size = self.random.choice(disks.SIZES)
            content, old = self.disk(size), self.random.randbytes(size)
            self.store('source', content)
            spans = [self.span(size, 300_000) for _ in range(12)]
            extents = ranges.Ranges(spans)
            want = bytearray(old)
            for start, length in extents:
                part = content[start : start + length]
                want[start : start + length] = part
            sink = self.sink('target', old, zeroed=True)
            hashes = self.copy('source', sink, extents=spans, rest='keep')
            self.assertTrue(self.load('target') == want, self.seed)
            self._check_hashes(hashes, extents, content)

    def _check_hashes(self, hashes, extents, content):
        """Regions covered whole have a hash, others must have none."""
        for region in range(hashes.regions):
            start = region * manifest.REGION
            size = len(content[start : start + manifest.REGION])
            covered = sum(n for _, n in extents.within(start, start + size))
            known = hashes.get(region) != manifest.UNKNOWN
            self.assertEqual(covered == size, known, self.seed)

    def test_drops_the_hash_of_a_region_it_touches(self):
        self.store('source', self.random.randbytes(9 * MIB))
        sink = self.sink('target', bytes(9 * MIB), zeroed=True)
        hashes = self.copy('source', sink)
        self.copy(
            'source', sink, extents=[(512, 512)], rest='keep', hashes=hashes
        )
        self.assertEqual(manifest.UNKNOWN, hashes.get(0))
        self.assertNotEqual(manifest.UNKNOWN, hashes.get(1))

    def test_unaligned_bytes_on_a_device(self):
        content = self.random.randbytes(5 * MIB)
        self.store('source', content)
        self.sink('target', bytes(5 * MIB))
        device = self.loop(self.path('target'), '--sector-size=4096')
        spans = [(512, 512), (4096 * 3 - 512, 9000 // 512 * 512), (1, 3)]
        sink = sinks.Sink(device, 5 * MIB)
        self.copy('source', sink, extents=spans, rest='keep')
        want = bytearray(5 * MIB)
        for start, length in spans:
            want[start : start + length] = content[start : start + length]
        equal = self.load('target') == want
        self.assertTrue(equal)

    def test_allocated_areas_leave_zeros_elsewhere(self):
        content = bytearray(13 * MIB)
        spans = [self.span(len(content), 2 * MIB) for _ in range(4)]
        for start, length in spans:
            content[start : start + length] = self.random.randbytes(length)
        self.store('source', content)
        sink = self.sink('target', self.random.randbytes(14 * MIB))
        hashes = self.copy('source', sink, extents=spans)
        self.assertTrue(self.load('target') == content + bytes(MIB), self.seed)
        self.assertIsNotNone(hashes.digest())


class ResumeTest(disks.TransferTest):
    """A mover that is killed goes on at its last checkpoint."""

    SIZE = 48 * MIB
    BOUND = 4 * manifest.REGION + 6 * MIB
    """Regions under way on four connections, and 0.5 s of the rate."""

    def setUp(self):
        super().setUp()
        self.store('source', self.random.randbytes(self.SIZE))
        self.target = self.sink('target', bytes(self.SIZE), zeroed=True)
        self.done = []
        self.hashes = manifest.Manifest(self.SIZE)
        self.read = 0

    def _report(self, limit):
        def report(key, progress):
            self.read = progress.read
            if progress.checkpoint:
                self.done = progress.checkpoint.done
                for index, chunk in progress.checkpoint.chunks.items():
                    self.hashes.set_chunk(index, chunk)
            if progress.read >= limit and not progress.finished:
                disks.kill('transfer.mover')

        return report

    def test_kill_and_go_on(self):
        options = {'rate': 12 * MIB, 'checkpoint_interval': 0.05}
        limit = self.random.randrange(8 * MIB, 36 * MIB)
        self.assertRaises(
            errors.MoverDied,
            self.copy,
            'source',
            self.target,
            report=self._report(limit),
            **options,
        )
        before = self.read
        done = ranges.Ranges(self.done)
        self.assertTrue(before - done.total <= self.BOUND, (self.seed, done))
        hashes = self.copy(
            'source',
            self.target,
            done=done,
            hashes=manifest.Manifest(self.SIZE, self.hashes.to_json()),
            report=self._report(self.SIZE * 2),
        )
        self.assertEqual(self.SIZE - done.total, self.read)
        self.assertTrue(self.load('target') == self.load('source'), self.seed)
        self.assertIsNotNone(hashes.digest())
        self.assertEqual(hashes.digest(), self.hashes.digest())

    def test_nothing_is_done_twice(self):
        self.copy('source', self.target, report=self._report(self.SIZE * 2))
        done = ranges.Ranges(self.done)
        self.assertEqual([[0, self.SIZE]], done.to_json())
        self.copy(
            'source',
            self.target,
            done=done,
            report=self._report(self.SIZE * 2),
        )
        self.assertEqual(0, self.read)


class StopTest(disks.TransferTest):
    def test_cancel_kills_within_two_seconds(self):
        self.store('source', self.random.randbytes(64 * MIB))
        sink = self.sink('target', bytes(64 * MIB), zeroed=True)
        asked = []

        def check():
            if disks.children('transfer.mover') and self.moving:
                asked.append(time.monotonic())
                raise exceptions.Cancelled

        def report(key, progress):
            self.moving = progress.read > 0

        self.moving = False
        self.assertRaises(
            exceptions.Cancelled,
            self.copy,
            'source',
            sink,
            check=check,
            report=report,
            rate=8 * MIB,
            checkpoint_interval=0.05,
        )
        self.assertLess(time.monotonic() - asked[0], 2)
        self.assertEqual([], disks.children('transfer.mover'))
        self.assertEqual([], disks.children('nbdkit'))

    def test_nothing_is_written_without_the_right_to(self):
        def check():
            raise exceptions.LeaseLost(id='m', attempt=1)

        self.store('source', self.random.randbytes(MIB))
        old = self.random.randbytes(MIB)
        sink = self.sink('target', old)
        self.assertRaises(
            exceptions.LeaseLost, self.copy, 'source', sink, check=check
        )
        equal = self.load('target') == old
        self.assertTrue(equal)

    def test_new_rate_while_running(self):
        self.store('source', self.random.randbytes(24 * MIB))
        sink = self.sink('target', bytes(24 * MIB), zeroed=True)
        rates = iter([MIB // 4] * 4)
        began = time.monotonic()
        self.copy('source', sink, rate=lambda: next(rates, None))
        # Four polls at a rate that 24 MiB would take 96 seconds with.
        self.assertTrue(0.5 <= time.monotonic() - began < 48)
        equal = self.load('target') == self.load('source')
        self.assertTrue(equal)
