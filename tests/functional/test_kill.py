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

"""A worker process is killed; needs a bus that processes share."""

import os
import pathlib
import signal
import unittest

from migrate_service.worker import names
from tests.functional import base
from tests.functional import processes


def names_holder(conf):
    """Return the id of the process that has the name of the worker."""
    path = pathlib.Path(conf.worker.workdir) / f'{names.of(conf)}.lock'
    return path.read_text()


@unittest.skipUnless(
    os.environ.get('TEST_RABBIT_URL') and os.environ.get('TEST_MYSQL_URL'),
    'TEST_RABBIT_URL and TEST_MYSQL_URL are not set',
)
class TestKill(base.TestCase):
    workers = 0
    options = {('conductor', 'lease_ttl'): 6}

    def setUp(self):
        super().setUp()
        self.processes = self.useFixture(processes.Processes(self.config))

    def test_another_worker_ends_what_a_killed_one_began(self):
        megabytes = 40
        machine = self.add_machine(sizes=(2 * megabytes * base.MIB,))
        process = self.processes.start_worker('victim')
        source_id = self.ready_source()
        id = self.create(source_id, machine, bandwidth_limit=3 * base.MIB)

        def checkpoint():
            return self.migration(id).checkpoint.get('copied', {}).get('2000')

        copied = self.wait_for(checkpoint, 'a checkpoint of the copy')
        self.processes.kill(process)
        self.wait_for(
            lambda: not self.processes.alive(), 'the end of its children'
        )
        row = self.migration(id)
        self.assertEqual(('running', 'copy_disks'), (row.status, row.step))
        self.service.start_worker('heir')
        done = self.wait_for_status(id, 'completed')
        self.assert_copied(done, machine)
        self.assertIn('taken_over', self.event_names(id))
        self.assertGreater(sum(size for _, size in copied), base.MIB)
        # Only the heir's reads are known: what was durable is not among them.
        entry = done.progress['disks'][0]
        self.assertLess(
            entry['read'] - row.progress['disks'][0]['read'],
            megabytes * base.MIB - sum(size for _, size in copied) + base.MIB,
        )

    def test_one_process_has_a_name(self):
        first = self.processes.start_worker('victim')
        self.ready_source()
        self.config.set('name', 'victim', 'worker')
        error = self.assertRaises(names.NameTaken, names.hold, self.conf, 0)
        self.assertIn(f'The process {first.pid} is a worker', str(error))
        second = self.processes.start_worker('victim')
        # It waits for the first to end, and takes its place then.
        self.processes.kill(first)
        self.wait_for(
            lambda: names_holder(self.conf) == str(second.pid), 'the heir'
        )
        self.create_and_wait()

    def create_and_wait(self):
        machine = self.add_machine('heirloom')
        source_id = self.ready_source()
        self.wait_for_status(self.create(source_id, machine), 'completed')

    def test_sigterm_gives_the_work_back(self):
        machine = self.add_machine(sizes=(40 * base.MIB,))
        process = self.processes.start_worker('victim')
        source_id = self.ready_source()
        id = self.create(source_id, machine, bandwidth_limit=base.MIB)
        self.wait_for(
            lambda: self.migration(id).progress.get('bytes_copied'),
            'the copy',
        )
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        row = self.migration(id)
        self.assertIsNone(row.worker)
        self.assertEqual('released', self.event_names(id)[-1])
        self.assertEqual([], self.processes.alive())
        self.cancel(id)
        self.service.start_worker('heir')
        self.wait_for_status(id, 'cancelled')
