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


"""What a wait draws."""

import io

import testtools

from migrate_client.osc import columns
from migrate_client.osc import progress
from migrate_client.v1 import event
from migrate_client.v1 import migration
from tests.unit.client import base
from tests.unit.client import shapes

HALF = shapes.progress(3 * shapes.GIB // 2)


def _migration(**values):
    return migration.Migration(**shapes.migration(**values))


class TestRender(testtools.TestCase):
    def test_table(self):
        for values, expected in (
            (
                {'progress': {}, 'status': 'accepted', 'step': None},
                ['web  accepted'],
            ),
            (
                {'progress': None, 'step': 'inspect'},
                ['web  running  inspect'],
            ),
            (
                {'progress': HALF},
                [
                    'web  running  copy_disks  50 %  1.5 GiB of 3.0 GiB  '
                    '128.0 MiB/s  0:12 left',
                    '  Hard disk 1  [##########----------]   50%  '
                    '1.5 GiB of 3.0 GiB  128.0 MiB/s',
                ],
            ),
        ):
            self.assertEqual(
                expected, progress.render(_migration(**values), 200)
            )

    def test_full_and_empty_disks(self):
        for disk, bar in (
            ({'key': 'a', 'size': 8, 'copied': 8}, '#' * 20),
            ({'key': 'a', 'size': 8, 'copied': 9}, '#' * 20),
            ({'key': 'a', 'size': 8, 'copied': 0}, '-' * 20),
            ({'key': 'a', 'size': 0}, '-' * 20),
        ):
            lines = progress.render(_migration(progress={'disks': [disk]}), 99)
            self.assertIn(f'  a  [{bar}]', lines[1])

    def test_fits_the_terminal(self):
        for line in progress.render(_migration(progress=HALF), 30):
            self.assertLessEqual(len(line), 30)


class TestDisplay(testtools.TestCase):
    def show(self, stream):
        display = progress.display(stream)
        first = event.Event(**shapes.event(1, 'running', 'inspect'))
        display.show(_migration(), [first])
        display.show(_migration(progress=HALF), [])
        display.close()
        return stream.getvalue()

    def test_one_line_an_event_where_there_is_no_terminal(self):
        self.assertEqual(
            '2026-11-01T10:00:01Z  running  inspect\n',
            self.show(io.StringIO()),
        )

    def test_block_is_drawn_over_itself_on_a_terminal(self):
        wipe = '\x1b[2F\x1b[J'
        first, second, rest = self.show(base.Terminal()).split(wipe)
        self.assertIn('  inspect\nweb  running', first)
        self.assertIn(' 33%', first)
        self.assertIn(' 50%', second)
        self.assertEqual('', rest)


class TestColumns(testtools.TestCase):
    def test_sizes(self):
        for value, text in (
            (0, '0 B'),
            (1023, '1023 B'),
            (1024, '1.0 KiB'),
            (1024**2 - 1, '1024.0 KiB'),
            (1024**3, '1.0 GiB'),
            (3 * 1024**4, '3.0 TiB'),
            (2048 * 1024**4, '2048.0 TiB'),
        ):
            self.assertEqual(text, columns.size(value))

    def test_durations(self):
        for value, text in (
            (0, '0:00'),
            (59.9, '0:59'),
            (61, '1:01'),
            (3600, '1:00:00'),
            (90061, '25:01:01'),
        ):
            self.assertEqual(text, columns.duration(value))

    def test_programs_read_numbers(self):
        self.assertEqual(
            [1024, 60, 7, {'size': 3}],
            [
                columns.SizeColumn(1024).machine_readable(),
                columns.DurationColumn(60).machine_readable(),
                columns.RateColumn(7).machine_readable(),
                columns.DetailsColumn({'size': 3}).machine_readable(),
            ],
        )

    def test_details_are_lines(self):
        result = {
            'server_id': 'srv',
            'volume_ids': ['v1', 'v2'],
            'disks': [{'key': '2000', 'size': 8, 'note': None}],
            'probe': {'sign': 'login:'},
        }
        self.assertEqual(
            'server_id: srv\nvolume_ids: v1\nvolume_ids: v2\n'
            'disks: key 2000, size 8\nprobe: sign login:',
            columns.DetailsColumn(result).human_readable(),
        )
