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
import subprocess
import sys
import unittest

from tests.functional import base

ROOT = pathlib.Path(__file__).parents[2]
OPTIONS = (
    ('worker', 'destination'),
    ('worker', 'heartbeat_interval'),
    ('worker', 'workdir'),
    ('fake', 'directory'),
    ('secrets', 'key_directory'),
)


@unittest.skipUnless(
    os.environ.get('TEST_RABBIT_URL') and os.environ.get('TEST_MYSQL_URL'),
    'TEST_RABBIT_URL and TEST_MYSQL_URL are not set',
)
class TestKill(base.TestCase):
    workers = 0
    options = {('conductor', 'lease_ttl'): 6}

    def _start_process(self, name):
        """Start ``migrate-worker`` as a process group of its own."""
        path = self.config.root / f'{name}.conf'
        lines = [
            f'[DEFAULT]\ntransport_url = {os.environ["TEST_RABBIT_URL"]}',
            f'[worker]\nname = {name}\nslots = 2',
        ]
        for group, option in OPTIONS:
            lines.append(f'[{group}]\n{option} = {self.conf[group][option]}')
        path.write_text('\n'.join(lines))
        log = open(self.config.root / f'{name}.log', 'wb')
        self.addCleanup(log.close)
        process = subprocess.Popen(
            [
                sys.executable,
                '-m',
                'tests.functional.worker_process',
                self.config.suffix,
                '--config-file',
                path,
            ],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.addCleanup(self._kill, process)
        return process

    def _kill(self, process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def _processes(self):
        """Return the command lines that name the folder of this test."""
        found = []
        for path in pathlib.Path('/proc').glob('[0-9]*/cmdline'):
            try:
                line = path.read_bytes().replace(b'\0', b' ').decode()
            except OSError:
                continue
            if str(self.config.root) in line:
                found.append(line)
        return found

    def test_another_worker_ends_what_a_killed_one_began(self):
        megabytes = 40
        machine = self.add_machine(sizes=(2 * megabytes * base.MIB,))
        process = self._start_process('victim')
        source_id = self.ready_source()
        id = self.create(source_id, machine, bandwidth_limit=3 * base.MIB)

        def checkpoint():
            return self.migration(id).checkpoint.get('copied', {}).get('2000')

        copied = self.wait_for(checkpoint, 'a checkpoint of the copy')
        self._kill(process)
        self.wait_for(lambda: not self._processes(), 'the end of its children')
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

    def test_sigterm_gives_the_work_back(self):
        machine = self.add_machine(sizes=(40 * base.MIB,))
        process = self._start_process('victim')
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
        self.assertEqual([], self._processes())
        self.cancel(id)
        self.service.start_worker('heir')
        self.wait_for_status(id, 'cancelled')
