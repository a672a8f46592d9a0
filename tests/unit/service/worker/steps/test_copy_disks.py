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

"""What of a former attempt counts when disks are copied."""

import dataclasses
import functools

import testtools

from migrate_service import inventory
from migrate_service.drivers import errors
from migrate_service.transfer import manifest
from migrate_service.transfer import sinks
from migrate_service.worker.steps import copying
from migrate_service.worker.steps import ends
from tests.unit.service.worker.steps import fakes

REGION = manifest.REGION


class TestCheckOff(testtools.TestCase):
    def test_another_machine_is_not_read(self):
        other = dataclasses.replace(fakes.MACHINE, uuid='another')
        for machine, refused in ((fakes.MACHINE, False), (other, True)):
            work = fakes.Work(fakes.Source('off', machine=machine))
            check = functools.partial(
                ends.check_off, work, work.open_source().enter_result
            )
            if refused:
                self.assertRaises(errors.MachineChanged, check)
            else:
                check()


class TestResume(testtools.TestCase):
    def test_bytes_without_a_hash_are_copied_again(self):
        size = 3 * REGION + 512
        disk = inventory.Disk(key='2000', label='disk', size=size)
        stored = manifest.Manifest(size)
        stored.set(0, manifest.ZERO)
        stored.set(3, manifest.ZERO)
        work = fakes.Work()
        work.manifest = lambda key: {0: stored.chunk(0)}
        tail = size + 4096
        work.checkpoint['copied'] = {'2000': [[0, 2 * REGION], [size, 4096]]}
        sink = sinks.Sink('none', tail)
        job = copying._job(work, disk, None, sink, copying.Plan())
        self.assertEqual([[0, REGION], [size, 4096]], job.done.to_json())
