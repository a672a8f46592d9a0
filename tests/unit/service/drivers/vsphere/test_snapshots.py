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


"""The changed areas of a disk: all pages, and nothing made up of a fault."""

import contextlib
import types

import testtools
from pyVmomi import vim
from pyVmomi import vmodl

from migrate_service import inventory
from migrate_service.drivers import errors
from migrate_service.drivers.vsphere import snapshots

DISK = inventory.Disk(
    key='2000', label='Hard disk 1', size=1000, change_id='52 aa/7'
)


class Session:
    """Answers the question with a script, by the offset asked for."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def explained(self, operation, machine=None):
        return contextlib.nullcontext()

    def reference(self, kind, key):
        return self

    def QueryChangedDiskAreas(self, snapshot, key, start, since):  # noqa: N802
        self.asked.append(start)
        answer = self.answers[start]
        if isinstance(answer, Exception):
            raise answer
        length, areas = answer
        return types.SimpleNamespace(
            startOffset=start,
            length=length,
            changedArea=[
                types.SimpleNamespace(start=at, length=size)
                for at, size in areas
            ],
        )


class TestChangedAreas(testtools.TestCase):
    def ask(self, answers, since='52 aa/3', disk=DISK):
        self.session = Session(answers)
        return snapshots.changed_areas(
            self.session, 'vm-1', disk, snapshot=None, since=since
        )

    def assert_unusable(self, *args, **values):
        self.assertRaises(errors.TrackingUnusable, self.ask, *args, **values)

    def test_pages_up_to_the_capacity(self):
        areas = self.ask(
            {
                0: (400, [(0, 10), (390, 10)]),
                400: (599, []),
                999: (1, [(999, 1)]),
            }
        )
        self.assertEqual([(0, 10), (390, 10), (999, 1)], areas)

    def test_a_fault_on_a_later_page_is_not_the_end(self):
        for fault in (
            vmodl.fault.InvalidArgument(),
            vim.fault.FileFault(),
            vmodl.fault.ManagedObjectNotFound(),
        ):
            self.assert_unusable({0: (500, [(0, 10)]), 500: fault})

    def test_an_answer_that_does_not_go_on(self):
        self.assert_unusable({0: (0, [])})

    def test_ids_of_another_series_are_not_asked_about(self):
        self.assert_unusable({}, since='52 bb/3')
        self.assertEqual([], self.session.asked)

    def test_a_disk_that_is_not_tracked(self):
        untracked = inventory.Disk(key='2000', label='disk', size=1000)
        self.assert_unusable({}, disk=untracked)

    def test_allocated_areas_belong_to_no_series(self):
        self.assertEqual([], self.ask({0: (1000, [])}, since='*'))
