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
"""Looks at each copy before anything else could mend what it missed.

The spot check after a round, a later comparison and the verification before
the conversion each repair what a copy lost. Here they must find nothing to
repair: a copy that returned has to be equal to what was frozen for it.
"""

import contextlib
import os
import pathlib
import threading

from migrate_service import child
from migrate_service import exceptions
from migrate_service.drivers.fake import folder as fake
from migrate_service.drivers.fake import snapshots
from migrate_service.transfer import sinks
from migrate_service.transfer.transports import nbdkit
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import rounds
from tests.chaos import agreement

#: What a volume's server is told: part of the writes fail.
FAILING = ('error-pwrite=EIO', 'error-pwrite-rate=40%')
#: Begin warnings of a net that had something to repair.
REPAIRS = ('Changed block tracking of the source missed', 'Verification found')


class Lost(exceptions.StepFailed):
    """A copy is not what it says it is."""

    code = 'test.lost'
    template = '%(found)s after a copy of %(content)s by %(methods)s.'
    remedy = 'Mend the copy.'


def install(patch):
    """Watch the copies of the workers in this process.

    :param patch: called as ``patch(object, name, value)``.
    """
    patch(rounds, 'copy', _watched(rounds.copy))
    patch(sinks, 'serve', _served(sinks.serve))


def fail_writes(clouds, volume_id):
    """Have part of the next writes to a volume fail."""
    clouds.put({}, 'failing', volume_id)


def repairs(row):
    """Return the warnings of a migration that tell of a repair."""
    return [text for text in row.warnings if text.startswith(REPAIRS)]


def _watched(copy):
    def watched(work, source, targets, exports, frozen, *, content):
        done = copy(work, source, targets, exports, frozen, content=content)
        clouds = fake.Folder(work.conf.fake.directory)
        found = list(_unlike(clouds, work, targets, frozen))
        # Who lost the lease may see what its successor does.
        work.check()
        if found:
            raise Lost(
                found='; '.join(found),
                content=content,
                methods=[method for method, _size in done.values()],
            )
        return done

    return watched


def _unlike(clouds, work, targets, frozen):
    """Yield a sentence for each target that is not what was frozen."""
    machine = ends.machine_of(work)
    here = snapshots.find(clouds, machine.key, work.id)
    if frozen and (not here or here.key != frozen.key):
        return
    for disk in here.disks if frozen else machine.disks:
        path = snapshots.path(clouds, disk)
        if not frozen:
            path = snapshots.base_of(clouds, machine, disk)
        sink = targets[disk.key]
        # It moves meanwhile, and nobody knows what is where.
        with contextlib.suppress(FileNotFoundError):
            yield from agreement.unlike(
                disk.key, path, sink.path, disk.size, sink.size
            )


def _served(serve):
    """Return ``serve`` where a volume may have a server that fails."""

    @contextlib.contextmanager
    def served(sink, *, disk, workdir, name, readonly=False):
        with contextlib.ExitStack() as stack:
            address = stack.enter_context(
                serve(
                    sink,
                    disk=disk,
                    workdir=workdir,
                    name=name,
                    readonly=readonly,
                )
            )
            if not readonly and _taken(sink.path):
                uri = stack.enter_context(_failing(sink, workdir, name))
                address = address | {'uri': uri}
            yield address

    return served


def _taken(path):
    """Return whether writes to a volume are to fail, this time."""
    volumes, _slash, name = path.rpartition('/')
    order = f'{volumes}/../failing/{name.removesuffix(".img")}.json'
    try:
        pathlib.Path(order).unlink()
    except FileNotFoundError:
        return False
    return True


@contextlib.contextmanager
def _failing(sink, workdir, name):
    """Yield the URI of a server of a volume whose writes may fail."""
    socket = os.path.join(workdir, f'{name}.failing')
    command = ['nbdkit', '--foreground', '--exit-with-parent']
    command += [f'--unix={socket}', f'--pidfile={socket}.pid']
    command += ['--filter=error', 'file', sink.path, *FAILING]
    for path in (socket, f'{socket}.pid'):
        nbdkit.remove(path)
    with child.Child(command, log=f'{socket}.log') as server:
        while not os.path.exists(f'{socket}.pid') and server.running():
            threading.Event().wait(0.01)
        yield f'nbd+unix:///?socket={socket}'
