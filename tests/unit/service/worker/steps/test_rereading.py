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

"""A target that differs is copied again, and the hashes follow."""

import contextlib
import os

from migrate_service import inventory
from migrate_service.transfer import manifest
from migrate_service.worker.steps import rereading
from tests.unit.service.transfer import disks
from tests.unit.service.worker.steps import fakes


class Source(fakes.Source):
    """A machine that is off, whose one disk is a file of the test."""

    def __init__(self, export, machine):
        super().__init__('off', machine=machine)
        self._export = export

    @contextlib.contextmanager
    def export(self, machine, disk, **ignored):
        with self._export(disk.key, disk.size) as export:
            yield export


class TestMend(disks.TransferTest):
    def test_what_was_read_wrong_is_stored_right(self):
        content = self.disk(5 * disks.MIB)
        size = len(content)
        self.store('2000', content)
        disk = inventory.Disk(key='2000', label='disk', size=size)
        machine = inventory.Machine(
            key='vm-1', name='web', power_state='off', disks=(disk,)
        )
        work = fakes.Work(Source(self.opened, machine))
        work.checkpoint |= {
            'machine': machine.to_dict(),
            'transport': 'file',
        }
        work.workdir = self.work
        work.log = lambda tool: os.path.join(self.work, tool)
        wrong = manifest.Manifest(size)
        wrong.set(0, os.urandom(manifest.HASH_SIZE) + manifest.ZERO)
        stored = {0: wrong.chunk(0)}
        work.manifest = lambda key: dict(stored)
        work.store_manifest = lambda key, chunks: stored.update(chunks)
        sink = self.sink('target', os.urandom(size), zeroed=True)
        (result, hashes) = rereading.compare_and_mend(
            work, {'2000': sink}, mode='full'
        )['2000']
        self.assertEqual(0, result.mismatches.total)
        (warning,) = work.warnings
        self.assertIn(f'within {size} bytes', warning)
        self.assertTrue(self.load('target') == content, self.seed)
        kept = manifest.Manifest(size, stored)
        self.assertEqual(hashes.digest(), kept.digest())
