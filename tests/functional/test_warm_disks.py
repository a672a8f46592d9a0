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
"""Disks that move, grow and appear while a machine is moved warm."""

import os

from migrate_service import inventory
from migrate_service.drivers.fake import destination
from migrate_service.drivers.fake import machines
from migrate_service.drivers.fake import snapshots
from tests.functional import base
from tests.functional import test_warm

UNIT = destination.UNIT


class TestDisks(test_warm.WarmCase):
    workers = 2

    def add_machines(self):
        self.machine = self.add_machine(sizes=(5 * base.MIB + 512, base.MIB))

    def change(self, change):
        """Have ``change(disks)`` change the disks of the machine."""
        data = self.clouds.get('machines', self.machine.key)
        change(data['disks'])
        self.clouds.put(data, 'machines', self.machine.key)
        self.machine = inventory.Machine.from_dict(data)

    def grow(self, size):
        def change(disks):
            disks[0]['size'] = size

        self.change(change)
        disk = self.machine.disks[0]
        os.truncate(machines.content(self.clouds, self.machine, disk), size)
        snapshots.write(
            self.clouds, self.machine, disk, size - 5000, b'tail' * 1000
        )

    def add(self):
        def change(disks):
            disks.append(
                disks[1]
                | {'key': '2077', 'label': 'Hard disk 3', 'unit': 7}
                | {'path': '[ds1] added.vmdk'}
            )

        self.change(change)
        machines.content(
            self.clouds, self.machine, self.machine.disks[2]
        ).write_bytes(os.urandom(self.machine.disks[2].size))

    def methods(self, row):
        return row.progress['rounds'][-1]['methods']

    def test_a_disk_that_grew_is_compared_once(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        self.grow(9 * base.MIB + 512)
        self.sync(id)
        row = self.wait_for_rounds(id, 3)
        self.assertEqual(
            {'2000': 'compared', '2001': 'changed'}, self.methods(row)
        )
        self.assertIn('Hard disk 1 grew', row.warnings[0])
        self.sync(id)
        row = self.wait_for_rounds(id, 4)
        self.assertEqual({'changed'}, set(self.methods(row).values()))
        self.cut_over(id)
        self.assert_moved(id, self.machine)

    def test_a_volume_grows_with_its_disk(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        self.grow(UNIT + 512)
        self.sync(id)
        row = self.wait_for_rounds(id, 3)
        self.assertEqual(2 * UNIT, row.checkpoint['volumes']['2000']['size'])
        self.cut_over(id)
        self.assert_moved(id, self.machine)

    def test_a_volume_that_grew_before_the_first_copy(self):
        self.clouds.block('ensure_port')
        id = self.create_warm(self.machine)
        self.wait_for(lambda: self.clouds.reached('ensure_port'))
        # All but the end of what is new is a hole, and rubbish in the volume.
        self.grow(UNIT + base.MIB)
        self.clouds.release('ensure_port')
        row = self.wait_for_rounds(id, 1)
        self.assertEqual('full', row.progress['rounds'][0]['methods']['2000'])
        self.cut_over(id)
        row = self.assert_moved(id, self.machine)
        self.assertEqual(
            [], [text for text in row.warnings if 'missed' in text]
        )

    def test_a_volume_that_cannot_grow_is_an_error_that_passes(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        self.grow(UNIT + 512)
        self.clouds.fail('extend_volume')
        self.sync(id)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('fake.fault', row.error['code'])
        self.assertEqual([], self.clouds.names('snapshots', self.machine.key))
        self.retry(id)
        self.wait_for_rounds(id, 3)
        self.cut_over(id)
        self.assert_moved(id, self.machine)

    def test_a_disk_that_was_added_is_moved_too(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        self.add()
        self.sync(id)
        row = self.wait_for_rounds(id, 3)
        self.assertEqual('full', self.methods(row)['2077'])
        self.assertIn(('volume', '2077'), self.left(id))
        self.cut_over(id)
        row = self.assert_moved(id, self.machine)
        self.assertEqual(3, len(row.result['volume_ids']))

    def test_a_disk_that_was_added_is_told_after_a_takeover(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        self.add()
        self.clouds.block('attach_volume')
        self.sync(id)
        self.wait_for(lambda: self.clouds.reached('attach_volume'))
        worker = self.migration(id).worker
        self.service.silence(worker)
        self.service.clock.advance(self.conf.conductor.lease_ttl)
        self.clouds.release('attach_volume')
        self.wait_for_rounds(id, 3)
        self.assertIn('taken_over', self.event_names(id))
        self.cut_over(id)
        row = self.assert_moved(id, self.machine)
        self.assertEqual(3, len(row.result['volume_ids']))

    def test_changes_just_before_the_cutover_are_in_it(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        self.grow(UNIT + 512)
        self.add()
        self.cut_over(id)
        row = self.assert_moved(id, self.machine)
        self.assertEqual(
            {'2000': 'compared', '2001': 'changed', '2077': 'full'},
            row.result['final_copy']['methods'],
        )

    def test_a_disk_that_moved_is_read_where_it_is(self):
        id = self.create_warm(self.machine)
        self.wait_for_rounds(id, 2)
        self.start_guest(self.machine)

        def change(disks):
            disks[0]['path'] = '[ds2] elsewhere.vmdk'

        self.change(change)
        snapshots.reset(self.clouds, self.machine.key)
        self.cut_over(id)
        self.assert_moved(id, self.machine)
