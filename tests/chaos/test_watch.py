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
"""A copy that loses a byte is noticed, whoever would have repaired it."""

import os

from migrate_service.drivers import areas
from migrate_service.drivers.fake import snapshots
from migrate_service.worker.steps import copying
from tests.chaos import watch
from tests.functional import base

SIZE = 9 * base.MIB
PLACES = (5, 2 * base.MIB, SIZE - 3)


class TestWatch(base.TestCase):
    def setUp(self):
        super().setUp()
        watch.install(self.patch)
        self.machine = self.add_machine(sizes=(SIZE,))
        source_id = self.ready_source()
        self.migration_id = self.create(
            source_id, self.machine, kind='warm', sync_interval=3600
        )
        self.wait_for_status(self.migration_id, 'waiting')
        for place in PLACES:
            snapshots.write(
                self.clouds,
                self.machine,
                self.machine.disks[0],
                place,
                os.urandom(3),
            )

    def test_an_honest_copy(self):
        self.cut_over(self.migration_id)
        row = self.wait_for_status(self.migration_id, 'completed')
        self.assertEqual([], watch.repairs(row))

    def test_the_last_area_is_dropped(self):
        self.change_areas(lambda told: told[:-1])
        self.assert_noticed()

    def test_only_the_first_page_is_read(self):
        collect = areas.collect

        def first(disk, ask):
            page = areas.Page(0, disk.size, ask(0).areas)
            return collect(disk, lambda start: page)

        self.patch(areas, 'collect', first)
        self.assert_noticed(page=base.MIB)

    def test_an_area_that_ends_beyond_the_disk_is_dropped(self):
        self.change_areas(
            lambda told: [area for area in told if sum(area) <= SIZE]
        )
        self.assert_noticed(grain=1000000)

    def test_a_disk_is_not_copied(self):
        self.patch(copying, 'copy', lambda *args: {})
        self.assert_noticed()

    def change_areas(self, change):
        collect = areas.collect
        self.patch(
            areas, 'collect', lambda disk, ask: change(collect(disk, ask))
        )

    def assert_noticed(self, **answers):
        """Assert that the next round fails by the watch."""
        if answers:
            snapshots.tracking(self.clouds, self.machine.key, **answers)
        self.sync(self.migration_id)
        row = self.wait_for_status(self.migration_id, 'error')
        self.assertEqual(watch.Lost.code, row.error['code'], self.story())
        self.assertIn('differs first', row.error['message'])
