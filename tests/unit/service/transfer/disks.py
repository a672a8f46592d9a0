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

"""Random disks, and copies of them, for the tests of the transfer."""

import contextlib
import os
import random
import signal
import subprocess

import fixtures
import testtools

from migrate_service.transfer import copy
from migrate_service.transfer import sinks
from migrate_service.transfer.transports import file

MIB = 1024 * 1024
SIZES = (512, 64 * 1024, 4 * MIB, 4 * MIB + 512, 9 * MIB - 1024, 17 * MIB)


class TransferTest(testtools.TestCase):
    """Has a work folder, a seeded random generator and copies disks."""

    def setUp(self):
        super().setUp()
        self.work = self.useFixture(fixtures.TempDir()).path
        seed = int(os.environ.get('MIGRATE_TEST_SEED', 0))
        self.seed = seed or random.randrange(1, 2**32)
        self.random = random.Random(self.seed)
        text = testtools.content.text_content(str(self.seed))
        self.addDetail('MIGRATE_TEST_SEED', text)

    def path(self, name):
        return os.path.join(self.work, name)

    def store(self, name, content):
        """Write a file, with holes where blocks of 4 KiB are zero."""
        with open(self.path(name), 'wb') as image:
            image.truncate(len(content))
            for at in range(0, len(content), 4096):
                block = content[at : at + 4096]
                if any(block):
                    image.seek(at)
                    image.write(block)
        return self.path(name)

    def load(self, name):
        with open(self.path(name), 'rb') as image:
            return image.read()

    def disk(self, size):
        """Return random bytes with zero runs of all lengths."""
        content = bytearray(self.random.randbytes(size))
        for _ in range(self.random.randrange(12)):
            longest = self.random.choice((700, 9000, 200_000, 6 * MIB))
            at, length = self.span(size, longest)
            content[at : at + length] = bytes(length)
        return bytes(content)

    def span(self, size, longest):
        """Return a random (offset, length) in whole sectors."""
        at = self.random.randrange(size) // 512 * 512
        length = self.random.randrange(1, longest) // 512 * 512 + 512
        return at, min(length, size - at)

    def loop(self, path, *options):
        """Return a loop device over the file; skip where there is none."""
        command = ['losetup', '--find', '--show', *options, path]
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True
        )
        if done.returncode:
            self.skipTest(f'no loop device: {done.stderr}')
        device = done.stdout.strip()
        self.addCleanup(
            subprocess.run,
            ['losetup', '--detach', device],
            check=True,
        )
        return device

    def opened(self, name, size):
        """Return the transport of a file of the work folder."""
        return file.open_disk(
            self.path(name),
            root=self.work,
            size=size,
            workdir=self.work,
            name=name,
        )

    def copy(self, name, sink, *, report=None, check=None, **options):
        """Copy one file of the work folder to the sink."""
        size = os.path.getsize(self.path(name))
        more = {
            key: options.pop(key)
            for key in ('rate', 'checkpoint_interval')
            if key in options
        }
        with self.opened(name, size) as export:
            job = copy.DiskJob('disk', export, sink, **options)
            result = copy.copy(
                [job],
                workdir=self.work,
                report=report or (lambda key, progress: None),
                check=check or (lambda: None),
                **more,
            )
        return result['disk']

    def sink(self, name, content, *, zeroed=False):
        """Return a sink over a new raw file with this old content."""
        path = self.store(name, content)
        return sinks.Sink(path, len(content), zeroed=zeroed)


def children(marker):
    """Return the pids of our child processes with ``marker`` in argv."""
    found = []
    for entry in filter(str.isdigit, os.listdir('/proc')):
        with contextlib.suppress(OSError):
            with open(f'/proc/{entry}/stat') as stat:
                parent = int(stat.read().rsplit(')', 1)[1].split()[1])
            with open(f'/proc/{entry}/cmdline') as line:
                command = line.read()
            if parent == os.getpid() and marker in command:
                found.append(int(entry))
    return found


def kill(marker):
    """Kill our child processes with ``marker`` in argv; return how many."""
    found = children(marker)
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return len(found)
