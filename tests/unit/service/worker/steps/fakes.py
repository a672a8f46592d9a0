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


"""A lease and two ends in memory, for steps that are tried on their own."""

import contextlib
import dataclasses
import os
import types
import uuid

from migrate_service import inventory
from migrate_service.worker import ledger

DISK = inventory.Disk(
    key='2000', label='Hard disk 1', size=512, path='[ds] web/web.vmdk'
)
MACHINE = inventory.Machine(
    key='vm-1', name='web', power_state='on', disks=(DISK,)
)


def machine(**values):
    """Return the machine with another disk."""
    disk = dataclasses.replace(DISK, **values)
    return dataclasses.replace(MACHINE, disks=(disk,))


class Source:
    """A machine with a guest that obeys after ``looks`` looks, or never."""

    def __init__(self, state='on', *, looks=1, tools=True, machine=MACHINE):
        self.state = state
        self.looks = looks
        self.tools = tools
        self.current = machine
        self.stopping = False
        self.cut = False
        self.starts = 0

    def power_state(self, key):
        if self.stopping and self.state == 'on':
            self.looks -= 1
            self.state = 'off' if self.looks <= 0 else 'on'
        return self.state

    def shut_down_guest(self, key):
        self.stopping = self.tools
        return self.tools

    def power_off(self, key):
        self.cut = True
        self.state = 'off'

    def power_on(self, key):
        self.starts += 1
        self.state = 'on'

    def moment(self):
        return '2026-01-01T00:00:00+00:00'

    def machine(self, key):
        return self.current


class Destination:
    """Resources by kind and key; a removal of what is gone succeeds."""

    def __init__(self):
        self.existing = set()
        self.removed = []

    def remove(self, kind, *, resource_id, owner, key):
        if (kind, key) in self.existing:
            self.existing.remove((kind, key))
            self.removed.append(kind)


class Work:
    """What a step sees of its lease; time passes at once."""

    def __init__(self, source=None, destination=None, **options):
        self.id = str(uuid.uuid4())
        self.name = 'web'
        self.machine_id = 'vm-1'
        self.options = options
        self.rollback = {}
        self.checkpoint = {'machine': MACHINE.to_dict()}
        self.progress = {}
        self.result = {}
        self.warnings = []
        self.saves = 0
        self.ledger = ledger.Ledger([], lambda entry: None)
        self.conf = types.SimpleNamespace()
        self._source = source
        self.workdir = None
        self._destination = destination
        self._chunks = {}

    def check(self):
        pass

    def sleep(self, seconds):
        pass

    def save(self):
        self.saves += 1

    def log(self, tool):
        return os.path.join(self.workdir, f'{tool}.log')

    def manifest(self, disk):
        return dict(self._chunks.get(disk, {}))

    def store_manifest(self, disk, chunks):
        self._chunks.setdefault(disk, {}).update(chunks)

    def open_source(self):
        return contextlib.nullcontext(self._source)

    def open_destination(self):
        return contextlib.nullcontext(self._destination)
