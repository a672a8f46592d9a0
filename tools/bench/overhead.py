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

"""What the service adds to a copy: a whole migration against the engine.

API, conductor and worker run in this process as in the functional tests,
between the fake ends; the bytes are real. Both copies are held to the same
rate, as a source would: what a migration adds once is then seen against a
copy of some seconds, not against one of an instant.
"""

import os
import statistics
import time

from migrate_service.drivers.fake import machines
from migrate_service.transfer import copy
from migrate_service.transfer import sinks
from migrate_service.transfer.transports import file
from tests.functional import base
from tools.bench import workplace


class Service(base.TestCase):
    """The service with one worker, and one machine to move."""

    def runTest(self):  # noqa: N802 - unittest's name
        """Needed to make an instance."""

    def migrate(self, source_id, machine, rate):
        """Move the machine; return the seconds of its step copy_disks."""
        id = self.create(source_id, machine, bandwidth_limit=rate)
        row = self.wait_for_status(id, 'completed')
        return row.checkpoint['timings']['copy_disks']


def measure(size, rounds, rate):
    """Return the share of time that a migration's copy takes longer.

    :param size: bytes of the disk, half of it data.
    :param rate: bytes a second at most, of either copy.
    """
    service = Service()
    service.setUp()
    try:
        machine = service.add_machine(sizes=(size,))
        path = machines.content(service.clouds, machine, machine.disks[0])
        source_id = service.ready_source()
        times = {'engine': [], 'service': []}
        for _ in range(rounds):
            bare = _bare(service.config.root, str(path), size, rate)
            times['engine'].append(bare)
            whole = service.migrate(source_id, machine, rate)
            times['service'].append(whole)
    finally:
        service.doCleanups()
    workplace.show('the copy of a whole migration', times)
    engine, whole = (statistics.median(times[name]) for name in times)
    return whole / engine - 1


def _bare(folder, path, size, rate):
    """Copy the same disk by the engine alone; return the seconds."""
    target = os.path.join(folder, 'bare')
    with open(target, 'wb') as image:
        image.truncate(size)
    began = time.monotonic()
    with file.open_disk(
        path,
        root=os.path.dirname(path),
        size=size,
        workdir=str(folder),
        name='bare',
    ) as export:
        job = copy.DiskJob('d', export, sinks.Sink(target, size, zeroed=True))
        copy.copy(
            [job],
            workdir=str(folder),
            report=lambda key, progress: None,
            check=lambda: None,
            rate=rate,
        )
    took = time.monotonic() - began
    os.unlink(target)
    return took
