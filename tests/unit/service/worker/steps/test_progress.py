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


import dataclasses

import testtools

from migrate_service.transfer import copy
from migrate_service.worker.steps import progress
from tests.unit.service.worker.steps import fakes

DISKS = (
    dataclasses.replace(fakes.DISK, key='a', size=1000),
    dataclasses.replace(fakes.DISK, key='b', size=3000),
)


def report(copied, *, total, read=0, rate=0, finished=False):
    return copy.DiskProgress(
        total=total,
        copied=copied,
        read=read,
        written=read,
        skipped=0,
        rate=rate,
        finished=finished,
        checkpoint=None,
    )


class TestProgress(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.work = fakes.Work()
        self.progress = progress.Progress(self.work, DISKS)

    def test_before_the_first_report(self):
        shown = self.work.progress
        self.assertEqual((0, 4000), (shown['percent'], shown['bytes_total']))
        self.assertIsNone(shown['seconds_left'])

    def test_sums_the_disks(self):
        self.progress.update('a', report(500, total=1000, rate=100))
        self.progress.update('b', report(1500, total=3000, rate=100))
        shown = self.work.progress
        self.assertEqual(50.0, shown['percent'])
        self.assertEqual(2000, shown['bytes_copied'])
        self.assertEqual(200, shown['rate'])
        self.assertGreater(shown['seconds_left'], 9)

    def test_finished(self):
        for key, total in (('a', 1000), ('b', 3000)):
            self.progress.update(
                key, report(total, total=total, rate=9, finished=True)
            )
        shown = self.work.progress
        self.assertEqual(
            (100.0, 0, 0),
            (shown['percent'], shown['rate'], shown['seconds_left']),
        )

    def test_counts_what_former_attempts_read(self):
        self.progress.update('a', report(600, total=1000, read=600))
        again = progress.Progress(self.work, DISKS)
        again.update('a', report(1000, total=1000, read=410))
        self.assertEqual(1010, self.work.progress['disks'][0]['read'])
