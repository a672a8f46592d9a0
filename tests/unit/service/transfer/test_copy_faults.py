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
import contextlib
import dataclasses
import os
import subprocess

import fixtures

from migrate_service import child
from migrate_service.transfer import copy
from migrate_service.transfer import errors
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from migrate_service.transfer import transports
from migrate_service.transfer import verify
from migrate_service.transfer.transports import nbdkit
from tests.unit.service.transfer import disks

MIB = disks.MIB


class FaultTest(disks.TransferTest):
    def test_read_error_is_told(self):
        self.store('source', self.random.randbytes(8 * MIB))
        sink = self.sink('target', bytes(8 * MIB), zeroed=True)
        plugin = ['file', self.path('source'), 'error-pread-rate=90%']
        with nbdkit.serve(
            plugin, workdir=self.work, name='bad', filters=['error']
        ) as server:
            export = transports.Export(
                server.uri, 8 * MIB, explain=lambda: 'the server said so'
            )
            error = self.assertRaises(
                errors.SourceReadFailed, self._copy, export, sink
            )
        self.assertIn('the server said so', str(error))
        self.assertEqual('transfer.source_read_failed', error.code)

    def test_another_size_is_refused(self):
        self.store('source', bytes(MIB))
        sink = self.sink('target', bytes(2 * MIB))
        with self.opened('source', MIB) as export:
            wrong = dataclasses.replace(export, size=2 * MIB)
            self.assertRaises(errors.SourceReadFailed, self._copy, wrong, sink)

    def test_too_small_a_target_is_refused(self):
        self.store('source', bytes(2 * MIB))
        self.store('target', bytes(MIB))
        for said in (MIB, 2 * MIB):
            sink = sinks.Sink(self.path('target'), said)
            self.assertRaises(errors.SinkUnusable, self.copy, 'source', sink)

    def test_full_target_file(self):
        small = self.path('small')
        os.mkdir(small)
        command = ['mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]
        if subprocess.run(command, capture_output=True).returncode:
            self.skipTest('no right to mount')
        self.addCleanup(subprocess.run, ['umount', small], check=True)
        self.store('source', self.random.randbytes(8 * MIB))
        sink = self.sink('small/target', bytes(8 * MIB), zeroed=True)
        error = self.assertRaises(
            errors.SinkWriteFailed, self.copy, 'source', sink
        )
        self.assertIn('No space left', str(error))

    def test_flush_error_counts(self):
        """A target that loses data at its flush is never said complete."""
        self.store('source', self.random.randbytes(2 * MIB))
        seen = []
        script = [
            'eval',
            f'get_size=echo {2 * MIB}',
            'pwrite=cat >/dev/null',
            'can_flush=exit 0',
            'flush=echo EIO the flush failed >&2; exit 1',
            'pread=dd if=/dev/zero count=$3 iflag=count_bytes status=none',
        ]
        address = self._writable(script)
        self.useFixture(
            fixtures.MonkeyPatch(
                'migrate_service.transfer.sinks.serve', address
            )
        )
        error = self.assertRaises(
            errors.SinkWriteFailed,
            self.copy,
            'source',
            sinks.Sink('none', 2 * MIB, zeroed=True),
            report=lambda key, progress: seen.append(progress.checkpoint),
        )
        self.assertIn('flush', str(error))
        self.assertEqual(set(), set(seen) - {None})

    def _writable(self, plugin):
        @contextlib.contextmanager
        def serve(sink, **ignored):
            socket = self.path('sink')
            command = ['nbdkit', '-f', '-U', socket, '-P', f'{socket}.pid']
            log = self.path('sink.log')
            with child.Child([*command, *plugin], log=log) as server:
                while not os.path.exists(f'{socket}.pid'):
                    self.assertTrue(server.running(), server.tail())
                uri = f'nbd+unix:///?socket={socket}'
                yield {'uri': uri, 'size': sink.size, 'zeroed': sink.zeroed}

        return serve

    def _copy(self, export, sink):
        copy.copy(
            [copy.DiskJob('disk', export, sink)],
            workdir=self.work,
            report=lambda key, progress: None,
            check=lambda: None,
        )


class ManyDisksTest(disks.TransferTest):
    def test_disks_run_side_by_side(self):
        sizes = {'a': 6 * MIB, 'b': 5 * MIB + 512, 'c': 512}
        seen = {}
        with contextlib.ExitStack() as stack:
            jobs = []
            for key, size in sizes.items():
                self.store(key, self.disk(size))
                sink = self.sink(f'{key}.out', bytes(8 * MIB), zeroed=True)
                export = stack.enter_context(self.opened(key, size))
                jobs.append(copy.DiskJob(key, export, sink))
            hashes = copy.copy(
                jobs,
                workdir=self.work,
                report=seen.__setitem__,
                check=lambda: None,
            )
            checks = [
                verify.VerifyJob(
                    job.key, job.export.size, job.sink, hashes[job.key]
                )
                for job in jobs
            ]
            results = verify.verify(
                checks,
                mode='full',
                workdir=self.work,
                report=lambda key, progress: None,
                check=lambda: None,
            )
        for key, size in sizes.items():
            want = self.load(key) + bytes(8 * MIB - size)
            self.assertTrue(self.load(f'{key}.out') == want, self.seed)
            self.assertTrue(seen[key].finished)
            self.assertEqual(seen[key].total, seen[key].copied)
            result = verify.VerifyResult(8 * MIB, ranges.Ranges(), 0)
            self.assertEqual(result, results[key])
