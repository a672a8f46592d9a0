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
"""How long a machine will take, from what others took; pure."""

MIB = 1024**2
#: What holds until something was measured: bytes a second of the first copy,
#: else seconds. ``delta`` is the last copy of a warm migration.
DEFAULTS = {
    'copy_rate': 50 * MIB,
    'shutdown': 30.0,
    'delta': 30.0,
    'convert': 60.0,
    'boot': 60.0,
}
#: Steps whose times make up a figure.
STEPS = {
    'shutdown': ('stop_source',),
    'delta': ('final_copy',),
    'convert': ('convert',),
    'boot': ('create_server', 'probe'),
}


def sample(timings, progress):
    """Return what one completed migration tells, ``{name: value}``.

    :param timings: seconds by step.
    :param progress: as workers report it; ``disks`` with ``read`` bytes.
    """
    found = {}
    for name, steps in STEPS.items():
        if any(step in timings for step in steps):
            found[name] = sum(timings.get(step, 0.0) for step in steps)
    read = sum(disk.get('read') or 0 for disk in progress.get('disks') or ())
    seconds = timings.get('copy_disks')
    if read and seconds:
        found['copy_rate'] = read / seconds
    return found


def predict(machine, kind, rates):
    """Return seconds of the copy and of the downtime of a machine.

    Each is an estimate for a machine alone. A thin machine is copied as far
    as it takes room at the source.

    :param machine: ``inventory.Machine``.
    :param rates: as ``db.api.rates.measured`` returns them.
    :returns: ``{'bytes', 'copy_seconds', 'downtime_seconds', 'measured'}``;
        ``measured`` is false when one of the figures is a default.
    """
    size = sum(disk.size for disk in machine.disks)
    amount = (
        size if machine.committed is None else min(machine.committed, size)
    )
    copy = amount / max(1, rates['copy_rate']['value'])
    parts = ['convert', 'boot']
    if machine.power_state == 'on':
        parts.append('shutdown')
    if kind == 'warm':
        parts.append('delta')
    downtime = sum(rates[part]['value'] for part in parts)
    if kind == 'cold':
        downtime += copy
    return {
        'bytes': amount,
        'copy_seconds': round(copy),
        'downtime_seconds': round(downtime),
        'measured': all(
            rates[name]['measured'] for name in ('copy_rate', *parts)
        ),
    }
