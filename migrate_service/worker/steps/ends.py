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


"""The opened ends of the disks of one machine, and that it stays off."""

import contextlib

from migrate_service import inventory
from migrate_service.drivers import errors


def machine_of(work):
    """Return the ``inventory.Machine`` that ``inspect`` stored."""
    return inventory.Machine.from_dict(work.checkpoint['machine'])


@contextlib.contextmanager
def attached(work, destination, volumes=None, prefix=''):
    """Attach all volumes to this node; give ``{disk key: Sink}``.

    :param volumes: ``{disk key: {'id'}}``; None takes the replica's.
    :param prefix: of the keys in the ledger.
    """
    if volumes is None:
        volumes = work.checkpoint['volumes']
    with contextlib.ExitStack() as stack:
        sinks = {}
        for disk in machine_of(work).disks:
            work.check()
            sinks[disk.key] = stack.enter_context(
                _attached(
                    work, destination, volumes[disk.key], prefix + disk.key
                )
            )
        yield sinks


@contextlib.contextmanager
def exported(work, source, keys=None, disks=None, transport=None):
    """Open the disks of the source; give ``{disk key: Export}``.

    :param keys: of the disks to open; None opens all.
    :param disks: those of a snapshot; None opens the machine's own.
    :param transport: None is the one that was chosen.
    """
    machine = machine_of(work)
    with contextlib.ExitStack() as stack:
        exports = {}
        for disk in machine.disks if disks is None else disks:
            if keys is not None and disk.key not in keys:
                continue
            work.check()
            exports[disk.key] = stack.enter_context(
                source.export(
                    machine,
                    disk,
                    transport=transport or work.checkpoint['transport'],
                    workdir=work.workdir,
                    log=work.log('transport'),
                )
            )
        yield exports


def limit(work):
    """Return the bytes a second that the migration may take, or None."""
    return work.options.get('bandwidth_limit')


def refresh(work, machine):
    """Store where the disks are now, if they are still the same.

    :param machine: ``inventory.Machine`` as it is now.
    :raises MachineChanged: as :func:`check_same`.
    :raises MachineHasSnapshots: the bytes are spread over a chain.
    """
    check_same(work, machine)
    check_flat(work, machine.disks)
    work.checkpoint['machine']['disks'] = machine.to_dict()['disks']


def check_flat(work, disks):
    """Refuse disks that do not hold all of their bytes themselves.

    :raises MachineHasSnapshots: they are in a chain of snapshots.
    """
    for disk in disks:
        if disk.has_parent:
            raise errors.MachineHasSnapshots(
                machine=work.name, disk=disk.label
            )


def check_off(work, source):
    """Refuse to trust bytes of a machine that runs or was running.

    :raises MachineRestarted: see :func:`check_stopped`.
    :raises MachineChanged: see :func:`check_same`.
    """
    check_stopped(work, source)
    check_same(work, source.machine(work.machine_id))


def check_stopped(work, source):
    """Refuse a machine that runs or was running since we stopped it.

    :raises MachineRestarted: it is on, or was started after the stop.
    """
    key = work.machine_id
    stopped_at = work.checkpoint.get('stopped_at')
    if source.power_state(key) != 'off' or (
        stopped_at and source.started_since(key, stopped_at)
    ):
        raise errors.MachineRestarted(machine=work.name)


def check_same(work, machine):
    """Refuse any machine but the one that ``inspect`` saw.

    Its key may be that of another one: users may change the address of a
    source while they move machines of it.

    :raises MachineChanged: it is another machine or has other disks.
    """
    if not same(work, machine):
        raise errors.MachineChanged(machine=machine.name)


def same(work, machine):
    """Return whether it is that machine, with disks of those sizes."""
    return _identity(machine) == _identity(machine_of(work))


def _identity(machine):
    return machine.uuid, [(disk.key, disk.size) for disk in machine.disks]


@contextlib.contextmanager
def _attached(work, destination, volume, key):
    work.ledger.intend('attachment', key, volume_id=volume['id'])
    with destination.attach_volume(
        volume['id'], owner=work.id, workdir=work.workdir
    ) as sink:
        yield sink
    work.ledger.removed('attachment', key)
