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

"""Measure the bare transfer engine against nbdcopy, as ratios of one run.

``tools/bench/run engine [--quick] [--json FILE]``: rounds are interleaved,
the fastest of each counts, and every copy is compared byte for byte. All
disks lie on tmpfs. Targets: the design's figures to reach.
"""

import argparse
import contextlib
import json
import os
import random
import subprocess
import tempfile
import time

from migrate_service.transfer import copy
from migrate_service.transfer import errors
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from migrate_service.transfer import transports
from migrate_service.transfer.transports import nbdkit
from tools.bench import baselines

MIB = 1024 * 1024
SERVERS = {
    'local': ([], []),
    '5ms': (['delay'], ['rdelay=5ms']),
    'serial': (
        ['noparallel', 'delay'],
        ['serialize=requests', 'rdelay=5ms'],
    ),
}
TUNING = {'local': (4, MIB), '5ms': (4, MIB), 'serial': (8, 2 * MIB)}


class Bench:
    """A work folder with a source, half of it data, and its extents."""

    def __init__(self, folder, gib, rounds):
        self.folder = folder
        self.rounds = rounds
        self.size = gib * 1024 * MIB
        self.source = os.path.join(folder, 'source')
        self.target = os.path.join(folder, 'target')
        self.list = os.path.join(folder, 'extents')
        self._make_source()
        self.extents = self._make_extents()

    def _make_source(self):
        generator = random.Random(7)
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
        generator = random.Random(8)
        found = ranges.Ranges()
        while found.total < self.size // 20:
            length = generator.choice((1, 1, 1, 2, 2, 4, 8, 16)) * 65536
            at = generator.randrange((self.size - length) // 65536)
            found.add(at * 65536, length)
        with open(self.list, 'w') as lines:
            lines.writelines(f'{a} {n}\n' for a, n in found)
        return list(found)

    def fresh(self, path=None):
        path = path or self.target
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with open(path, 'wb') as image:
            image.truncate(self.size)

    def same(self, target=None):
        done = subprocess.run(['cmp', self.source, target or self.target])
        if done.returncode:
            raise SystemExit(f'{target or self.target} differs: a bug')

    @contextlib.contextmanager
    def export(self, server, name='bench', more=((), ())):
        filters, parameters = SERVERS[server]
        with nbdkit.serve(
            ['file', self.source, *parameters, *more[1]],
            workdir=self.folder,
            name=name,
            filters=[*filters, *more[0]],
        ) as served:
            connections, size = TUNING[server]
            yield transports.Export(served.uri, self.size, connections, size)

    def ours(self, server, path=None, **options):
        path = path or self.target
        zeroed = 'extents' not in options
        with self.export(server) as export:
            sink = sinks.Sink(path, self.size, zeroed=zeroed)
            self.run([copy.DiskJob('disk', export, sink, **options)])

    def run(self, jobs, report=None, **options):
        return copy.copy(
            jobs,
            workdir=self.folder,
            report=report or (lambda key, progress: None),
            check=lambda: None,
            **options,
        )

    def race(self, runners, before, after):
        """Return the least seconds of each, rounds interleaved."""
        best = {}
        for _ in range(self.rounds):
            for name, runner in runners.items():
                before()
                began = time.monotonic()
                runner()
                took = time.monotonic() - began
                after()
                best[name] = min(took, best.get(name, took))
        return best


def full(bench, server):
    """Return the best nbdcopy's seconds over ours; ≥ 1.0 wanted."""
    filters, parameters = SERVERS[server]

    def theirs(options):
        source, target = bench.source, bench.target
        baselines.nbdcopy(filters, parameters, source, target, options)

    runners = {'ours': lambda: bench.ours(server)}
    for options in baselines.TUNINGS[server]:
        runners[f'nbdcopy {options}'] = lambda one=options: theirs(one)
    times = bench.race(runners, bench.fresh, bench.same)
    show(f'full copy, {server}', times)
    return min(t for n, t in times.items() if n != 'ours') / times['ours']


def delta(bench):
    """Return (sync loop's, best extentlist's) seconds over ours, 5 ms."""
    filters, parameters = SERVERS['5ms']
    bench.fresh()
    subprocess.run(['cp', bench.source, bench.target], check=True)
    made = subprocess.run(
        ['losetup', '--find', '--show', bench.target],
        check=True,
        capture_output=True,
        text=True,
    )
    device = made.stdout.strip()

    def spoil():
        with open(device, 'r+b') as image:
            for start, length in bench.extents:
                image.seek(start)
                image.write(b'\xa5' * length)

    where = (filters, parameters, bench.source, device, bench.list)
    runners = {
        'ours': lambda: bench.ours(
            '5ms', device, extents=bench.extents, rest='keep'
        ),
        'sync': lambda: baselines.synchronous_delta(*where),
    }
    for size in baselines.DELTA_SIZES:
        runners[f'extentlist {size}'] = lambda size=size: (
            baselines.nbdcopy_delta(*where, size)
        )
    try:
        times = bench.race(runners, spoil, lambda: bench.same(device))
    finally:
        subprocess.run(['losetup', '--detach', device], check=True)
    show('delta, 5 ms', times)
    best = min(t for n, t in times.items() if n.startswith('extentlist'))
    return times['sync'] / times['ours'], best / times['ours']


def many(bench, rate='838860800'):
    """Return two disks' seconds over one's, 100 MiB/s each; ≤ 1.15."""
    limited = (['rate'], [f'rate={rate}'])

    def run(count):
        with contextlib.ExitStack() as stack:
            jobs = []
            for index in range(count):
                path = f'{bench.target}-{index}'
                bench.fresh(path)
                name = f'bench-{index}'
                export = stack.enter_context(
                    bench.export('local', name, limited)
                )
                sink = sinks.Sink(path, bench.size, zeroed=True)
                jobs.append(copy.DiskJob(name, export, sink))
            began = time.monotonic()
            bench.run(jobs)
            return time.monotonic() - began

    one, two = run(1), run(2)
    show('disks side by side', {'one': one, 'two': two})
    return two / one


def resume(bench):
    """Return the share of the disk copied again after kill -9 at 50 %."""
    from tests.unit.service.transfer import disks

    state = {'done': [], 'read': 0}

    def report(key, progress):
        state['read'] = progress.read
        if progress.checkpoint:
            state['done'] = progress.checkpoint.done
        if progress.copied > progress.total / 2:
            disks.kill('transfer.mover')

    bench.fresh()
    with bench.export('local') as export:
        sink = sinks.Sink(bench.target, bench.size, zeroed=True)
        with contextlib.suppress(errors.MoverDied):
            bench.run(
                [copy.DiskJob('disk', export, sink)],
                report,
                rate=300 * MIB,
                checkpoint_interval=0.05,
            )
        before = state['read']
        job = copy.DiskJob(
            'disk', export, sink, done=ranges.Ranges(state['done'])
        )
        seen = []
        bench.run([job], lambda key, progress: seen.append(progress))
    bench.same()
    return (before + seen[-1].read - seen[-1].total) / bench.size


def show(title, times):
    print(f'\n{title} (load {os.getloadavg()[0]:.1f})')
    for name, took in sorted(times.items(), key=lambda item: item[1]):
        print(f'  {took:7.2f} s  {name}', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--json')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir='/dev/shm') as folder:
        quick = options.quick
        bench = Bench(folder, 1 if quick else 4, 2 if quick else 4)
        found = {
            'full_copy_local': (full(bench, 'local'), '>=', 1.0),
            'full_copy_5ms': (full(bench, '5ms'), '>=', 1.0),
            'full_copy_serial': (full(bench, 'serial'), '>=', 1.0),
        }
        sync, extentlist = delta(bench)
        found['delta_5ms_vs_sync'] = (sync, '>=', 12)
        found['delta_vs_nbdcopy'] = (extentlist, '>=', 0.9)
        found['multi_disk'] = (many(bench), '<=', 1.15)
        found['resume'] = (resume(bench), '<=', 0.01)
    print()
    for name, (value, sign, target) in found.items():
        print(f'{name:20} {value:8.3f}   wanted {sign} {target}')
    if options.json:
        with open(options.json, 'w') as output:
            json.dump({name: one[0] for name, one in found.items()}, output)


if __name__ == '__main__':
    main()
