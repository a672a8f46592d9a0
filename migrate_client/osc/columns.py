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


"""Columns that people read as sizes and times, programs as numbers."""

from cliff import columns

_UNITS = ('KiB', 'MiB', 'GiB', 'TiB')


def size(value):
    """Return ``value`` bytes for people: ``512 B``, ``1.5 GiB``."""
    if value < 1024:
        return f'{value:.0f} B'
    power = min((int(value).bit_length() - 1) // 10, len(_UNITS))
    return f'{value / 1024**power:.1f} {_UNITS[power - 1]}'


def duration(seconds):
    """Return ``seconds`` for people: ``1:02:03``, ``2:03`` or ``0:03``."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f'{hours}:{minutes:02}:{seconds:02}'
    return f'{minutes}:{seconds:02}'


class SizeColumn(columns.FormattableColumn):
    """Bytes."""

    def human_readable(self):
        return '' if self._value is None else size(self._value)


class MemoryColumn(columns.FormattableColumn):
    """MiB; people read GiB where it is more than one."""

    def human_readable(self):
        return '' if self._value is None else size(self._value * 1024**2)


class PercentColumn(columns.FormattableColumn):
    """Percent of the bytes."""

    def human_readable(self):
        return '' if self._value is None else f'{self._value:.0f} %'


class ErrorColumn(columns.FormattableColumn):
    """``{'code', 'message', 'remedy'}``; people read the sentences."""

    def human_readable(self):
        if not self._value:
            return ''
        sentences = [self._value.get('message'), self._value.get('remedy')]
        return '\n'.join(sentence for sentence in sentences if sentence)


class LinesColumn(columns.FormattableColumn):
    """A list of texts or dicts, one line each for people."""

    def human_readable(self):
        return '\n'.join(_line(item) for item in self._value or ())


def _line(item):
    if isinstance(item, dict):
        return ', '.join(
            f'{key} {value}'
            for key, value in item.items()
            if value not in (None, '', [], {})
        )
    return str(item)


class RateColumn(columns.FormattableColumn):
    """Bytes a second."""

    def human_readable(self):
        return '' if self._value is None else f'{size(self._value)}/s'


class DurationColumn(columns.FormattableColumn):
    """Seconds."""

    def human_readable(self):
        return '' if self._value is None else duration(self._value)


class DisksColumn(columns.FormattableColumn):
    """The disks of a machine; ``size`` in bytes."""

    def human_readable(self):
        return '\n'.join(
            _line(disk | {'size': size(disk['size'])})
            for disk in self._value or ()
        )


class DetailsColumn(columns.FormattableColumn):
    """A dict; people read one line a key, or an item of its list."""

    def human_readable(self):
        lines = []
        for key, value in (self._value or {}).items():
            items = value if isinstance(value, list) else [value]
            lines += [f'{key}: {_line(item)}' for item in items]
        return '\n'.join(lines)
