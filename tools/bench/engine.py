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

"""The bare transfer engine against its peers."""

import contextlib
import subprocess
import time

from migrate_service.transfer import copy
from migrate_service.transfer import errors
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from tools.bench import baselines
from tools.bench import workplace

MIB = workplace.MIB


def full(place, server, kind):
    """Return the best nbdcopy's seconds over ours, flush included.

    :param server: of :data:`workplace.SERVERS`.
    :param kind: ``disk`` or ``memory``, where the target lies.
    """
    filters, parameters = workplace.SERVERS[server]
    target = place.targets[kind]
    where = (filters, parameters, place.source, target)
    runners = {'ours': lambda: place.ours(server, target)}
    for options in baselines.tunings(server, place.quick):
        runners[f'nbdcopy {options}'] = lambda one=options: baselines.nbdcopy(
            *where, one
        )
    if not place.quick:
        runners['qemu-img convert'] = lambda: baselines.qemu_img(*where)
    times = place.race(
        f'full copy, {server}, target on {kind}',
        runners,
        lambda: place.fresh(target),
        lambda: place.same(target),
    )
    best = min(t for n, t in times.items() if n.startswith('nbdcopy'))
    return best / times['ours']


def delta(place):
    """Return (sync loop's, best extentlist's) seconds over ours, 5 ms."""
    with _loop_device(place) as device:
        return _delta(place, device)


def _delta(place, device):
    filters, parameters = workplace.SERVERS['5ms']

    def spoil():
        with open(device, 'r+b') as image:
            for start, length in place.extents:
                image.seek(start)
                image.write(b'\xa5' * length)

    where = (filters, parameters, place.source, device, place.list)
    runners = {
        'ours': lambda: place.ours(
            '5ms', device, extents=place.extents, rest='keep'
        ),
        'sync': lambda: baselines.synchronous_delta(*where),
    }
    for size in baselines.DELTA_SIZES:
        runners[f'extentlist {size}'] = lambda size=size: (
            baselines.nbdcopy_delta(*where, size)
        )
    times = place.race(
        'delta, 5 ms', runners, spoil, lambda: place.same(device)
    )
    best = min(t for n, t in times.items() if n.startswith('extentlist'))
    return times['sync'] / times['ours'], best / times['ours']


@contextlib.contextmanager
def _loop_device(place):
    """Yield a block device with a copy of the source."""
    target = place.targets['memory']
    place.fresh(target)
    subprocess.run(['cp', place.source, target], check=True)
    made = subprocess.run(
        ['losetup', '--find', '--show', target],
        check=True,
        capture_output=True,
        text=True,
    )
    device = made.stdout.strip()
    try:
        yield device
    finally:
        subprocess.run(['losetup', '--detach', device], check=True)


def many(place, rate):
    """Return two disks' seconds over one's, each read at a rate.

    :param rate: bytes a second of each disk's server.
    """
    one, two = _side_by_side(place, 1, rate), _side_by_side(place, 2, rate)
    workplace.show('disks side by side', {'one': [one], 'two': [two]})
    return two / one


def _side_by_side(place, count, rate):
    limited = (['rate'], [f'rate={rate * 8}'])
    with contextlib.ExitStack() as stack:
        jobs = []
        for index in range(count):
            path = f'{place.targets["memory"]}-{index}'
            place.fresh(path)
            name = f'bench-{index}'
            export = stack.enter_context(place.export('local', name, limited))
            sink = sinks.Sink(path, place.size, zeroed=True)
            jobs.append(copy.DiskJob(name, export, sink))
        began = time.monotonic()
        place.run(jobs)
        return time.monotonic() - began


def resume(place, rate):
    """Return the share of the disk copied again after kill -9 at 50 %.

    :param rate: bytes a second until it is killed.
    """
    target = place.targets['memory']
    place.fresh(target)
    with place.export('local') as export:
        sink = sinks.Sink(target, place.size, zeroed=True)
        done, before = _until_killed(place, export, sink, rate)
        job = copy.DiskJob('disk', export, sink, done=ranges.Ranges(done))
        seen = []
        place.run([job], lambda key, progress: seen.append(progress))
    place.same(target)
    return (before + seen[-1].read - seen[-1].total) / place.size


def _until_killed(place, export, sink, rate):
    """Return what was durable, and the bytes read, when it was killed."""
    from tests.unit.service.transfer import disks

    state = {'done': [], 'read': 0}

    def report(key, progress):
        state['read'] = progress.read
        if progress.checkpoint:
            state['done'] = progress.checkpoint.done
        if progress.copied > progress.total / 2:
            disks.kill('transfer.mover')

    with contextlib.suppress(errors.MoverDied):
        place.run(
            [copy.DiskJob('disk', export, sink)],
            report,
            rate=rate,
            checkpoint_interval=0.05,
        )
    return state['done'], state['read']
