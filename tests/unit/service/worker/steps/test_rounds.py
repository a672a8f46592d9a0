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


"""What a round that was broken off may have left, and how it is found."""

import os
import pathlib
import types

import fixtures
import testtools

from migrate_service.drivers import base
from migrate_service.drivers import errors
from migrate_service.drivers.fake import destination
from migrate_service.drivers.fake import folder
from migrate_service.drivers.fake import machines
from migrate_service.drivers.fake import snapshots
from migrate_service.drivers.fake import source
from migrate_service.worker.steps import copying
from migrate_service.worker.steps import precopy
from migrate_service.worker.steps import rounds
from migrate_service.worker.steps import suitability
from tests.unit.service.worker.steps import fakes

MIB = 1024**2


class Crash(Exception):
    """The worker dies."""


class TestRounds(testtools.TestCase):
    def setUp(self):
        super().setUp()
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.folder = folder.Folder(root / 'fake')
        self.machine = machines.add(self.folder, 'web', sizes=(9 * MIB,))
        (self.disk,) = self.machine.disks
        self.source = source.FakeSource(self.folder)
        self.cloud = destination.FakeDestination(self.folder, 'project')
        self.work = fakes.Work(self.source, self.cloud)
        self.work.workdir = str(root / 'work')
        os.mkdir(self.work.workdir)
        self.work.machine_id = self.machine.key
        self.work.conf.worker = types.SimpleNamespace(transports=['file'])
        request = base.VolumeRequest(
            key=self.disk.key, name='web', size=self.disk.size
        )
        self.volume = self.cloud.ensure_volume(request, self.work.id)
        self.work.checkpoint = {
            'machine': self.machine.to_dict(),
            'volumes': {self.disk.key: self.volume},
        }

    def write(self, offset, data):
        snapshots.write(self.folder, self.machine, self.disk, offset, data)

    def crash_after_the_writes(self):
        """Break a round off when all is written and nothing was told."""
        real = copying.transfer.copy

        def copy(*args, **values):
            real(*args, **values | {'report': lambda key, state: None})
            raise Crash

        self.patch(copying.transfer, 'copy', copy)
        self.assertRaises(Crash, precopy.run, self.work)
        self.patch(copying.transfer, 'copy', real)

    def assert_same(self):
        here = machines.content(self.folder, self.machine, self.disk)
        with open(self.cloud.volume_path(self.volume['id']), 'rb') as target:
            copied = target.read(self.disk.size)
        self.assertTrue(here.read_bytes() == copied, 'the bytes differ')

    def methods(self):
        return [
            made['methods'][self.disk.key]
            for made in self.work.progress['rounds']
        ]

    def test_what_was_written_and_then_undone_is_found(self):
        precopy.run(self.work)
        before = machines.content(
            self.folder, self.machine, self.disk
        ).read_bytes()
        self.write(1000, b'x' * 100)
        self.crash_after_the_writes()
        self.source.remove_snapshot(self.machine.key, self.work.id)
        self.write(1000, before[1000:1100])
        precopy.run(self.work)
        self.assertEqual(['full', 'compared'], self.methods())
        self.assert_same()

    def test_a_broken_round_makes_the_plan_of_the_conversion_void(self):
        precopy.run(self.work)
        self.work.checkpoint['plan'] = {'round': 1}
        precopy.run(self.work)
        self.assertIn('plan', self.work.checkpoint)
        self.crash_after_the_writes()
        self.source.remove_snapshot(self.machine.key, self.work.id)
        precopy.run(self.work)
        self.assertNotIn('plan', self.work.checkpoint)

    def test_a_first_round_that_lost_its_snapshot(self):
        self.crash_after_the_writes()
        self.source.remove_snapshot(self.machine.key, self.work.id)
        self.write(5 * MIB, b'x' * 100)
        precopy.run(self.work)
        self.assertEqual(['compared'], self.methods())
        self.assert_same()

    def test_a_round_goes_on_with_its_snapshot(self):
        precopy.run(self.work)
        self.write(1000, b'x' * 100)
        self.crash_after_the_writes()
        frozen = self.source.snapshot(self.machine.key, self.work.id)
        self.write(2000, b'y' * 100)
        made = self.folder.calls()['create_snapshot']
        precopy.run(self.work)
        self.assertEqual(made, self.folder.calls()['create_snapshot'])
        self.assertEqual(['full', 'changed'], self.methods())
        self.assertEqual(
            frozen.disks[0].change_id,
            self.work.checkpoint['warm']['since'][self.disk.key],
        )
        precopy.run(self.work)
        self.assert_same()

    def test_a_comparison_writes_only_what_differs(self):
        self.work.options['delta'] = 'compare'
        precopy.run(self.work)
        self.write(5 * MIB, b'x')
        precopy.run(self.work)
        self.assertEqual(['full', 'compared'], self.methods())
        made = self.work.progress['rounds'][-1]
        self.assertEqual(4 * MIB, made['bytes'])
        self.assert_same()

    def test_change_ids_are_those_of_what_was_copied(self):
        precopy.run(self.work)
        state = rounds.state_of(self.work)
        first = dict(state['since'])
        self.write(1000, b'x')
        self.crash_after_the_writes()
        self.assertEqual(first, state['since'])


class TestSuitability(testtools.TestCase):
    def test_disks_that_snapshots_leave_out(self):
        for values in (
            {'mode': 'independent_persistent'},
            {'sharing': 'sharingMultiWriter'},
        ):
            machine = fakes.machine(**values)
            self.assertRaises(
                errors.MachineDiskIndependent,
                suitability.check_warm,
                machine,
            )
