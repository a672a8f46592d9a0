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


"""Progress of a copy, as the API shows it."""

#: Weight of the newest rate in the moving average.
NEWEST = 0.2


class Progress:
    """Keeps ``work.progress`` current while disks are copied.

    Bytes read by former attempts are counted on, so that the figures tell
    what the whole migration cost the source.

    :param work: its ``progress`` is written.
    :param disks: ``inventory.Disk`` of the machine.
    """

    def __init__(self, work, disks):
        self._work = work
        self._average = None
        known = {
            entry['key']: entry for entry in work.progress.get('disks', [])
        }
        self._before = {
            disk.key: {
                name: known.get(disk.key, {}).get(name, 0)
                for name in ('read', 'written')
            }
            for disk in disks
        }
        self._disks = {
            disk.key: {
                'key': disk.key,
                'label': disk.label,
                'size': disk.size,
                'total': disk.size,
                'copied': known.get(disk.key, {}).get('copied', 0),
                'rate': 0,
                **self._before[disk.key],
            }
            for disk in disks
        }
        self._publish()

    def update(self, key, report):
        """Take the ``transfer.copy.DiskProgress`` of a disk."""
        before = self._before[key]
        self._disks[key] |= {
            'total': report.total,
            'copied': report.copied,
            'read': before['read'] + report.read,
            'written': before['written'] + report.written,
            'rate': 0 if report.finished else round(report.rate),
        }
        self._publish()

    def _publish(self):
        disks = list(self._disks.values())
        total = sum(disk['total'] for disk in disks)
        copied = sum(disk['copied'] for disk in disks)
        rate = sum(disk['rate'] for disk in disks)
        if self._average is None or not rate:
            self._average = rate or self._average
        else:
            self._average += NEWEST * (rate - self._average)
        left = total - copied
        self._work.progress.update(
            percent=round(100 * copied / total, 1) if total else 100.0,
            bytes_copied=copied,
            bytes_total=total,
            rate=rate,
            seconds_left=round(left / self._average)
            if self._average and left > 0
            else None
            if left > 0
            else 0,
            disks=[dict(disk) for disk in disks],
        )
