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

"""Measure the engine and whole migrations, as ratios of one run.

Ways to copy are run in turn and medians are compared; every copy of ours is
compared byte for byte. What each figure means and what was measured:
doc/source/contributor/performance.rst.
"""

import argparse
import json
import tempfile

from tools.bench import cutover
from tools.bench import engine
from tools.bench import overhead
from tools.bench import priority
from tools.bench import workplace
from tools.bench.scale import run as scale

MIB = workplace.MIB

#: The wanted value of each figure: at least, or at most.
WANTED = {
    'full_copy_local': ('>=', 1.0),
    'full_copy_5ms': ('>=', 1.0),
    'full_copy_serial': ('>=', 1.0),
    'full_copy_local_memory': ('>=', 1.0),
    'full_copy_5ms_memory': ('>=', 1.0),
    'full_copy_serial_memory': ('>=', 1.0),
    'delta_5ms_vs_sync': ('>=', 12),
    'delta_vs_nbdcopy': ('>=', 0.9),
    'multi_disk': ('<=', 1.15),
    'resume': ('<=', 0.01),
    'overhead': ('<=', 0.03),
}
LEAST_RATE = 64 * MIB
"""Bytes a second where a copy is slowed down, to 8 s for larger disks."""

CUTOVER_WANTED = {'none': 20, 'minimal': 45}
GROUPS = ('full', 'delta', 'disks', 'resume', 'overhead')
#: Those that need more than this machine, and have to be named.
NAMED = ('cutover', 'scale')


def measure(options, memory, disk):
    """Return ``{figure: value}`` of the groups that were asked for."""
    quick, size, rounds = options.quick, options.size, options.rounds
    rate = max(size // 16, LEAST_RATE)
    place = workplace.Workplace(memory, disk, size, rounds, quick)
    found = {}
    if 'full' in options.groups:
        for server in workplace.SERVERS:
            for kind, suffix in (('disk', ''), ('memory', '_memory')):
                name = f'full_copy_{server}{suffix}'
                found[name] = engine.full(place, server, kind)
    if 'delta' in options.groups:
        sync, extentlist = engine.delta(place)
        found['delta_5ms_vs_sync'] = sync
        found['delta_vs_nbdcopy'] = extentlist
    if 'disks' in options.groups:
        found['multi_disk'] = engine.many(place, rate)
    if 'resume' in options.groups:
        found['resume'] = engine.resume(place, rate)
    if 'overhead' in options.groups:
        found['overhead'] = overhead.measure(size, rounds, rate)
    if 'cutover' in options.groups:
        found['cutover_seconds'] = cutover.measure()
    if 'scale' in options.groups:
        found['scale'] = scale.measure(**(scale.QUICK if quick else {}))
    return found


def report(found):
    """Print each figure beside what is wanted."""
    print()
    for name, (sign, wanted) in WANTED.items():
        if name in found:
            value = found[name]
            met = value >= wanted if sign == '>=' else value <= wanted
            verdict = '' if met else '  MISSED'
            print(f'{name:24} {value:8.3f}  wanted {sign} {wanted}{verdict}')
    for name, parts in found.get('cutover_seconds', {}).items():
        wanted = CUTOVER_WANTED[name]
        verdict = '' if parts['seconds'] <= wanted else '  MISSED'
        told = f'{parts["seconds"]:8.1f}  wanted <= {wanted}{verdict}'
        print(f'{f"cutover, {name}":24} {told}')
    if 'scale' in found:
        scale.show(found['scale'])


def parse(argv=None):
    parser = argparse.ArgumentParser(
        prog='tools/bench/run', description=__doc__
    )
    parser.add_argument(
        'groups',
        nargs='*',
        metavar='GROUP',
        help=f'of {", ".join(GROUPS)}; and, if named, cutover, which needs '
        'the lab, and scale, which needs its databases',
    )
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--json', metavar='FILE')
    parser.add_argument('--folder', default='/var/tmp', help='on a disk')
    parser.add_argument('--size', type=int, metavar='MIB')
    parser.add_argument('--rounds', type=int)
    parser.add_argument(
        '--real-time',
        action='store_true',
        help='before all else, on a machine with other work',
    )
    options = parser.parse_args(argv)
    options.groups = options.groups or list(GROUPS)
    if unknown := set(options.groups) - {*GROUPS, *NAMED}:
        parser.error(f'no such group: {", ".join(sorted(unknown))}')
    options.size = (options.size or (2048 if options.quick else 4096)) * MIB
    options.rounds = options.rounds or (2 if options.quick else 5)
    return options


def main(argv=None):
    options = parse(argv)
    priority.favour(options.real_time)
    with (
        tempfile.TemporaryDirectory(dir='/dev/shm') as memory,
        tempfile.TemporaryDirectory(dir=options.folder) as disk,
    ):
        found = measure(options, memory, disk)
    report(found)
    if options.json:
        with open(options.json, 'w') as output:
            json.dump(found, output, indent=2)


if __name__ == '__main__':
    main()
