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
"""Whether what exists is what the ledger tells, and holds what it should."""

import hashlib

from migrate_service.db.api import ledger as ledger_db
from migrate_service.drivers.fake import destination
from migrate_service.drivers.fake import machines
from tests.chaos import disturbances

KINDS = ('volume', 'port', 'server')
BUFFER = 1024**2


def differences(run, ended=False):
    """Return sentences about all that disagrees; [] when nothing does.

    :param ended: nobody may have left an attachment any more.
    """
    entries = {
        (entry.kind, entry.key): entry.state
        for entry in ledger_db.entries(run.case.context, run.id)
    }
    found = []
    for kind in KINDS:
        there = set(_owned(run, kind))
        for key in there:
            if entries.get((kind, key)) not in ('intended', 'present'):
                found.append(f'{kind} {key} is in no ledger: {entries}')
        for (noted, key), state in entries.items():
            if noted == kind and state == 'present' and key not in there:
                found.append(f'{kind} {key} does not exist')
    frozen = run.id in run.clouds.names('snapshots', run.machine.key)
    noted = entries.get(('snapshot', 'snapshot'))
    if frozen and noted not in ('intended', 'present'):
        found.append('our snapshot is in no ledger')
    if ended and frozen:
        found.append('our snapshot was left')
    off = disturbances.now(run).power_state == 'off'
    if off and not any(kind == 'power' for kind, _key in entries):
        found.append('the source is off, and no ledger tells')
    return found


def _owned(run, kind):
    for id in run.clouds.names('cloud', kind):
        data = run.clouds.get('cloud', kind, id)
        if data and data['owner'] == run.id:
            yield data['key']


def unequal(run, row):
    """Return sentences about target disks that differ from their source."""
    cloud = destination.FakeDestination(run.clouds, 'project-a')
    machine = disturbances.now(run)
    if len(machine.disks) != len(row.result['volume_ids']):
        return [f'{row.result} for {machine.disks}']
    copied = {disk['key']: disk['size'] for disk in row.result['disks']}
    found = []
    for disk, volume in zip(
        machine.disks, row.result['volume_ids'], strict=True
    ):
        here = machines.content(run.clouds, machine, disk)
        there = cloud.volume_path(volume)
        # Who grows when it is off and was copied has nothing new to tell.
        size = min(disk.size, copied[disk.key])
        end = there.stat().st_size
        found += unlike(disk.key, here, there, size, end)
    return found


def unlike(key, here, there, size, end):
    """Yield a sentence when a target is not its disk and zeros behind it.

    :param here, there: paths of the disk and its target.
    :param size, end: bytes of the disk and of the target.
    """
    if end < size:
        yield f'{key}: the target is too small'
    elif digest(here, size) != digest(there, size):
        yield f'{key}: {_where(here, there, size)}'
    elif _tail(there, size, end):
        yield f'{key} has bytes behind its end'


def digest(path, size):
    """Return the SHA-256 of the first ``size`` bytes of a file."""
    result = hashlib.sha256()
    with open(path, 'rb') as image:
        while size:
            data = image.read(min(BUFFER, size))
            result.update(data)
            size -= len(data)
    return result.hexdigest()


def _where(here, there, size):
    with open(here, 'rb') as one, open(there, 'rb') as other:
        at = 0
        while at < size:
            left, right = one.read(512), other.read(512)
            if left != right:
                return f'differs first in the sector at {at}'
            at += 512
    return 'equal now'


def _tail(path, size, end):
    with open(path, 'rb') as image:
        image.seek(size)
        return image.read(end - size).strip(b'\0')
