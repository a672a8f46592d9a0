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

"""Concerns about snapshots and the tracking of changed blocks."""

import re

from migrate_service.concerns import model

FAMILY = model.Family()
#: The first virtual hardware that can track changed blocks.
TRACKING_VERSION = 7
#: Snapshots in a row that VMware advises against.
DEEP = 3
#: Part of a datastore that a snapshot may need while a machine is copied.
ROOM = 0.1
GIB = 1024**3


@FAMILY.rule(
    code='concern.snapshots',
    what='%(machine)s has %(count)s snapshots.',
    why=(
        'The bytes of its disks are spread over a chain of files, and '
        'snapshots of others break the tracking of changes.'
    ),
    remedy='Delete all snapshots of the machine in vSphere, then refresh.',
    origin='forklift PR#2397',
)
def _snapshots(facts):
    if facts.machine.snapshots:
        yield {
            'machine': facts.machine.name,
            'count': facts.machine.snapshots,
        }


@FAMILY.rule(
    code='concern.snapshots_deep',
    what='The snapshots of %(machine)s are %(depth)s deep.',
    why='Consolidation takes long and stuns the machine.',
    remedy='Delete them some at a time, outside of office hours.',
    origin='VMware KB 1025279, best practices for snapshots',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _deep(facts):
    depth = facts.machine.snapshot_depth
    if depth > DEEP:
        yield {'machine': facts.machine.name, 'depth': depth}


@FAMILY.rule(
    code='concern.disk_chain',
    what='%(disk)s of %(machine)s has a parent although there is no snapshot.',
    why='It is a linked clone, or the rest of a snapshot: not all is in it.',
    remedy='Consolidate the disks in vSphere, or make the clone a full one.',
    origin='vSphere API, VirtualDiskFlatVer2BackingInfo.parent',
)
def _chain(facts):
    if facts.machine.snapshots:
        return
    for disk in facts.machine.disks:
        if disk.has_parent:
            yield {'machine': facts.machine.name, 'disk': disk.label}


@FAMILY.rule(
    code='concern.consolidation_needed',
    what='vSphere says that the disks of %(machine)s need consolidation.',
    why='A snapshot was removed but its files are still in use.',
    remedy=(
        'Consolidate in vSphere; if it fails, look for a backup that has '
        'the disks open.'
    ),
    origin='VMware KB 2003638; forklift PR#1184',
    cold=model.WARNING,
    overridable=True,
)
def _consolidation(facts):
    if facts.machine.consolidation_needed:
        yield {'machine': facts.machine.name}


@FAMILY.rule(
    code='concern.tracking_unsupported',
    what='%(machine)s has the virtual hardware %(version)s.',
    why=(
        'Changed blocks are tracked from version 7 on: every round must '
        'read the whole disks.'
    ),
    remedy='Upgrade the virtual hardware, or move the machine cold.',
    origin='vSphere Virtual Disk Development Kit, changed block tracking',
    cold=None,
    warm=model.WARNING,
)
def _unsupported(facts):
    version = facts.machine.hardware_version
    if not _tracks(version):
        yield {'machine': facts.machine.name, 'version': version}


@FAMILY.rule(
    code='concern.tracking_off',
    what='Changed blocks of %(machine)s are not tracked yet.',
    why=(
        'Tracking is switched on by the migration and works from its next '
        'snapshot on; it is switched off again at the end.'
    ),
    remedy='None: it happens by itself.',
    origin='xen-orchestra PR#10384; migratekit#50',
    cold=None,
    warm=model.INFO,
)
def _off(facts):
    machine = facts.machine
    if not machine.change_tracking and _tracks(machine.hardware_version):
        yield {'machine': machine.name}


@FAMILY.rule(
    code='concern.tracking_ineffective',
    what='%(disk)s of %(machine)s is not tracked although tracking is on.',
    why=(
        'It takes effect when the machine is stunned, such as by a '
        'snapshot. Until then rounds compare the whole disk.'
    ),
    remedy='Take a snapshot and delete it, then refresh the source.',
    origin='migratekit#50; forklift PR#1030',
    cold=None,
    warm=model.WARNING,
)
def _ineffective(facts):
    machine = facts.machine
    if not machine.change_tracking:
        return
    for disk in machine.disks:
        tracked = disk.change_id or disk.kind == 'rdm'
        if not tracked and not disk.mode.startswith('independent'):
            yield {'machine': machine.name, 'disk': disk.label}


@FAMILY.rule(
    code='concern.datastore_full',
    what=(
        'The datastore %(store)s has %(free).1f GiB free; snapshots of '
        '%(machine)s may need %(needed).1f GiB.'
    ),
    why='A snapshot that finds no room stops all machines of the datastore.',
    remedy='Make room on the datastore, or move the machine cold.',
    origin='VMware KB 1025279: 20 % of the machine for snapshots',
    cold=None,
    overridable=True,
    needs=('source',),
)
def _datastore_full(facts):
    sizes: dict[str, int] = {}
    for disk in facts.machine.disks:
        if facts.datastore(disk):
            sizes[disk.datastore] = sizes.get(disk.datastore, 0) + disk.size
    for key, size in sizes.items():
        store = facts.source.datastores[key]
        needed = size * ROOM
        if store['capacity'] and store['free'] < needed:
            yield {
                'machine': facts.machine.name,
                'store': store['name'],
                'free': store['free'] / GIB,
                'needed': needed / GIB,
            }


def _tracks(version):
    number = re.fullmatch(r'vmx-(\d+)', version or '')
    return number is None or int(number[1]) >= TRACKING_VERSION
