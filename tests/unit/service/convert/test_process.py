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

import os
import tempfile
import time
from unittest import mock

import testtools

from migrate_service.convert import errors
from migrate_service.convert import process

MODULE = 'tests.unit.service.convert.stand_in'


class Stop(Exception):
    pass


class RunTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.workdir = os.path.join(folder.name, 'work')
        os.mkdir(self.workdir)
        self.log = os.path.join(folder.name, 'log')
        patch = mock.patch.object(process, 'MODULE', MODULE)
        patch.start()
        self.addCleanup(patch.stop)

    def run_task(self, task, check=lambda: None, **request):
        try:
            return process.run(
                task,
                request,
                workdir=self.workdir,
                log=self.log,
                check=check,
                env={},
            )
        finally:
            self.assertEqual([], os.listdir(self.workdir))

    def test_the_appliance_is_our_child(self):
        variables = process.environment({}, self.workdir)
        self.assertEqual('direct', variables['LIBGUESTFS_BACKEND'])

    def test_returns_the_answer(self):
        answer = {'answer': {'a': [1, None]}}
        self.assertEqual({'a': [1, None]}, self.run_task('x', answer=answer))

    def test_raises_the_error_of_the_child(self):
        kwargs = {'path': '/boot', 'free': 1, 'needed': 2}
        answer = {'error': {'class': 'NoSpace', 'kwargs': kwargs}}
        error = self.assertRaises(
            errors.NoSpace, self.run_task, 'x', answer=answer
        )
        self.assertIn('1 bytes free on /boot', str(error))

    def test_a_child_that_crashes_is_explained_by_its_last_words(self):
        error = self.assertRaises(
            errors.ApplianceFailed, self.run_task, 'crash'
        )
        self.assertIn('out of memory', str(error))

    def test_what_check_raises_kills_and_leaves_nothing(self):
        sockets = f'/tmp/libguestfs{os.urandom(3).hex()}'
        os.mkdir(sockets)
        groups = []

        def check():
            with open(self.log) as log:
                if 'hanging' in log.read():
                    groups.extend(_groups_of(sockets))
                    raise Stop

        start = time.monotonic()
        self.assertRaises(
            Stop, self.run_task, 'hang', check=check, sockets=sockets
        )
        self.assertLess(time.monotonic() - start, 30)
        self.assertTrue(groups)
        self.assert_gone(sockets)
        self.assertFalse(os.path.exists(sockets))

    def assert_gone(self, word):
        """Killed is not gone at once: the kernel takes its time."""
        deadline = time.monotonic() + 30
        while _groups_of(word):
            self.assertLess(time.monotonic(), deadline, 'still running')
            time.sleep(0.01)


def _groups_of(word):
    """Return the process groups with ``word`` in an argument list."""
    found = []
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/cmdline', 'rb') as stream:
                if word.encode() in stream.read():
                    found.append(os.getpgid(int(name)))
        except OSError:
            continue
    return found
