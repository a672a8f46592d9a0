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


"""Draws how far a migration is: a live block, or one line an event."""

import shutil

from cliff import columns as cliff_columns

from migrate_client.osc import columns

_BAR = 20


def render(migration, width):
    """Return the lines that show a migration now, each <= ``width``.

    The first line is the migration, then comes one line a disk.

    :param migration: a ``Migration`` of the SDK; sizes in bytes.
    :param width: columns of the terminal.
    """
    words = [migration.name, migration.status, migration.step]
    progress = migration.progress or {}
    words += _figures(progress)
    lines = ['  '.join(word for word in words if word), *_disks(progress)]
    return [line[:width] for line in lines]


def event_line(event):
    """Return the line that tells of an ``Event`` of the SDK."""
    words = [event.created_at or '', event.status or '', event.step or '']
    return '  '.join(word for word in [*words, event.message] if word)


class Lines:
    """One line an event, for logs and pipes."""

    def __init__(self, stream):
        self._stream = stream

    def show(self, migration, events):
        """Write what happened since the last time."""
        for event in events:
            self._stream.write(f'{event_line(event)}\n')
        self._stream.flush()

    def close(self):
        """Leave the stream as it is."""


class Block:
    """A block at the foot of a terminal, drawn over itself."""

    def __init__(self, stream):
        self._stream = stream
        self._drawn = 0

    def show(self, migration, events):
        """Write what happened above the block, and draw it again."""
        width = shutil.get_terminal_size().columns - 1
        lines = render(migration, width)
        self.close()
        for event in events:
            self._stream.write(f'{event_line(event)[:width]}\n')
        self._stream.write(''.join(f'{line}\n' for line in lines))
        self._stream.flush()
        self._drawn = len(lines)

    def close(self):
        """Wipe the block."""
        if self._drawn:
            self._stream.write(f'\x1b[{self._drawn}F\x1b[J')
            self._stream.flush()
        self._drawn = 0


def display(stream):
    """Return what fits ``stream``: a block on a terminal, else lines."""
    return Block(stream) if stream.isatty() else Lines(stream)


class ProgressColumn(cliff_columns.FormattableColumn):
    """The progress of a migration; sizes in bytes."""

    def human_readable(self):
        progress = self._value or {}
        head = ', '.join(_figures(progress))
        return '\n'.join([head, *_disks(progress), *_rounds(progress)])


def _figures(progress):
    words = []
    if progress.get('bytes_total'):
        words = [
            f'{progress.get("percent") or 0:.0f} %',
            _amount(progress.get('bytes_copied'), progress['bytes_total']),
        ]
    words += _speed(progress.get('rate'))
    if progress.get('seconds_left') is not None:
        words.append(f'{columns.duration(progress["seconds_left"])} left')
    return words


def _disks(progress):
    disks = progress.get('disks') or ()
    pad = max((len(_label(disk)) for disk in disks), default=0)
    return [_disk(disk, pad) for disk in disks]


def _disk(disk, pad):
    size = disk.get('size') or 0
    copied = disk.get('copied') or 0
    share = min(copied / size, 1) if size else 0
    filled = int(share * _BAR)
    words = [
        f'  {_label(disk):<{pad}}',
        f'[{"#" * filled}{"-" * (_BAR - filled)}]',
        f'{share:4.0%}',
        _amount(copied, size),
    ]
    return '  '.join(words + _speed(disk.get('rate')))


def _rounds(progress):
    """Return a line for each round, and what they predict."""
    rounds = progress.get('rounds') or ()
    lines = [
        f'  Round {made["number"]}: {columns.size(made["bytes"])} in '
        f'{columns.duration(made["seconds"])}'
        for made in rounds
    ]
    last = rounds[-1] if rounds else {}
    if last.get('downtime'):
        total = columns.duration(last['downtime']['total'])
        lines.append(f'  Predicted downtime: {total} and conversion')
    if progress.get('converges') is False:
        lines.append(
            '  The guest writes faster than the copy: rounds do not help'
        )
    if progress.get('next_round_at'):
        lines.append(f'  Next round: {progress["next_round_at"]}')
    return lines


def _label(disk):
    return disk.get('label') or disk.get('key') or ''


def _amount(copied, total):
    return f'{columns.size(copied or 0)} of {columns.size(total)}'


def _speed(rate):
    return [f'{columns.size(rate)}/s'] if rate else []
