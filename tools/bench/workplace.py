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

"""Where the benchmarks work: a source disk, servers of it, and races."""

import contextlib
import os
import random
import statistics
import subprocess
import time

from migrate_service.transfer import copy
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from migrate_service.transfer import transports
from migrate_service.transfer.transports import nbdkit

MIB = 1024 * 1024
SERVERS = {
    'local': ([], []),
    '5ms': (['delay'], ['rdelay=5ms']),
    'serial': (
        ['noparallel', 'delay'],
        ['serialize=requests', 'rdelay=5ms'],
    ),
}
SEED = 7


class Workplace:
    """A source in memory, half of it data, and places for targets.

    :param memory: a folder on tmpfs.
    :param disk: a folder on the machine's disk.
    :param size: bytes of the source.
    :param rounds: how often each way of a race is run.
    :param quick: compare only what we copied, not what the others did.
    """

    def __init__(self, memory, disk, size, rounds, quick=False):
        self.memory = memory
        self.size = size
        self.rounds = rounds
        self.quick = quick
        self.source = os.path.join(memory, 'source')
        self.targets = {
            'memory': os.path.join(memory, 'target'),
            'disk': os.path.join(disk, 'target'),
        }
        self.list = os.path.join(memory, 'extents')
        self._make_source()
        self.extents = self._make_extents()

    def _make_source(self):
        generator = random.Random(SEED)
        pool = generator.randbytes(64 * MIB)
        with open(self.source, 'wb') as image:
            image.truncate(self.size)
            at = 0
            while at < self.size:
                run = generator.randrange(1, 17) * MIB
                run = min(run, self.size - at)
                if generator.random() < 0.5:
                    start = generator.randrange(len(pool) - run)
                    image.seek(at)
                    image.write(pool[start : start + run])
                at += run

    def _make_extents(self):
        """5 % of the disk, in 64 KiB to 1 MiB; about 750 in 4 GiB."""
        generator = random.Random(SEED + 1)
        found = ranges.Ranges()
        while found.total < self.size // 20:
            length = generator.choice((1, 1, 1, 2, 2, 4, 8, 16)) * 65536
            at = generator.randrange((self.size - length) // 65536)
            found.add(at * 65536, length)
        with open(self.list, 'w') as lines:
            lines.writelines(f'{a} {n}\n' for a, n in found)
        return list(found)

    def fresh(self, path):
        """Make the target an empty sparse file, from memory touched now.

        A hypervisor takes free memory back after seconds; without this the
        first to write would pay for getting it again.
        """
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with open(path, 'wb') as image:
            image.truncate(self.size)
        zeros = bytes(MIB)
        warm = os.path.join(self.memory, 'warm')
        with open(warm, 'wb', buffering=0) as scratch:
            for _ in range(self.size // 2 // MIB + 64):
                scratch.write(zeros)
        os.unlink(warm)

    def same(self, target):
        """Compare the target with the source, byte for byte."""
        if subprocess.run(['cmp', self.source, target]).returncode:
            raise SystemExit(f'{target} differs from the source: a bug')

    @contextlib.contextmanager
    def export(self, server, name='bench', more=((), ())):
        """Serve the source; how it is read is left to the engine."""
        filters, parameters = SERVERS[server]
        with nbdkit.serve(
            ['file', self.source, *parameters, *more[1]],
            workdir=self.memory,
            name=name,
            filters=[*filters, *more[0]],
        ) as served:
            yield transports.Export(served.uri, self.size)

    def ours(self, server, path, **options):
        """Copy by our engine, from the start of the server to its end."""
        zeroed = 'extents' not in options
        with self.export(server) as export:
            sink = sinks.Sink(path, self.size, zeroed=zeroed)
            self.run([copy.DiskJob('disk', export, sink, **options)])

    def run(self, jobs, report=None, **options):
        return copy.copy(
            jobs,
            workdir=self.memory,
            report=report or (lambda key, progress: None),
            check=lambda: None,
            **options,
        )

    def race(self, title, runners, before, after):
        """Run all in turn, rounds times; return each one's median seconds.

        :param runners: ``{name: function}``; ``ours`` is compared each time
            by ``after``, the others the first time, unless it is quick.
        """
        times = {name: [] for name in runners}
        order = list(runners)
        for number in range(self.rounds):
            for name in order:
                before()
                began = time.monotonic()
                runners[name]()
                times[name].append(time.monotonic() - began)
                if name == 'ours' or not (number or self.quick):
                    after()
            order = order[1:] + order[:1]
        show(title, times)
        return {name: statistics.median(all) for name, all in times.items()}


def show(title, times):
    """Print medians and extremes, the fastest first."""
    print(f'\n{title} (load {os.getloadavg()[0]:.1f})')
    medians = {name: statistics.median(all) for name, all in times.items()}
    for name in sorted(medians, key=medians.get):
        least, most = min(times[name]), max(times[name])
        print(
            f'  {medians[name]:7.2f} s  ({least:.2f} to {most:.2f})  {name}',
            flush=True,
        )
