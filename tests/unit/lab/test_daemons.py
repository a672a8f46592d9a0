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
"""Tests of the lab's daemons, on real processes."""

import os
import pathlib

import fixtures
import testtools

from tests.lab import daemons

#: A leader that starts a child, says so, and waits for it.
SCRIPT = 'sleep 600 & echo $! > "$CHILD"; wait'


class TestDaemon(testtools.TestCase):
    def setUp(self):
        super().setUp()
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.child = folder / 'child'
        self.daemon = daemons.Daemon(
            name='sleeper',
            argv=('/bin/sh', '-c', SCRIPT),
            run=folder,
            log=folder,
            env={'CHILD': self.child},
        )
        self.addCleanup(self.daemon.stop)

    def _start(self):
        self.assertTrue(self.daemon.start())
        daemons.wait_for(
            'the child',
            lambda: self.child.exists() and self.child.read_text(),
            30,
        )
        return int(self.child.read_text())

    def test_a_second_start_leaves_it_alone(self):
        self._start()
        before = self.daemon.pid_file.read_text()
        self.assertFalse(self.daemon.start())
        self.assertEqual(before, self.daemon.pid_file.read_text())

    def test_stop_ends_its_children_too(self):
        child = self._start()
        self.assertIn(child, self.daemon.session())
        self.daemon.stop()
        self.assertFalse(self.daemon.alive())
        self.assertRaises(ProcessLookupError, _signal, child)

    def test_another_process_with_its_pid_is_not_taken_for_it(self):
        self._start()
        text = self.daemon.pid_file.read_text()
        self.addCleanup(self.daemon.pid_file.write_text, text)
        self.daemon.pid_file.write_text(f'{os.getpid()} 1')
        self.assertFalse(self.daemon.alive())
        self.assertEqual([], self.daemon.session())

    def test_waiting_for_a_daemon_that_died_ends_at_once(self):
        self._start()
        pid = int(self.daemon.pid_file.read_text().split()[0])
        os.kill(pid, 9)
        daemons.wait_for('its end', lambda: not self.daemon.alive(), 30)
        error = self.assertRaises(
            daemons.NotReady,
            daemons.wait_for,
            'an answer',
            lambda: False,
            600,
            self.daemon,
        )
        self.assertIn('sleeper ended', str(error))


def _signal(pid):
    """Raise ProcessLookupError unless ``pid`` is alive (not a zombie)."""
    fields = pathlib.Path(f'/proc/{pid}/stat')
    if not fields.exists() or fields.read_text().split()[2] == 'Z':
        raise ProcessLookupError(pid)
