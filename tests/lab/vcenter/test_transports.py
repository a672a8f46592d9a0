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


"""Transports of the simulated vCenter, through the real steps and driver."""

import os
import pathlib
import subprocess
import threading
from unittest import mock

from migrate_service.drivers import errors as driver_errors
from migrate_service.drivers.vsphere import vddk
from migrate_service.transfer import errors
from migrate_service.worker.steps import copy_disks
from migrate_service.worker.steps import copying
from migrate_service.worker.steps import precopy
from migrate_service.worker.steps import transport
from migrate_service.worker.steps import verify
from tests.lab.vcenter import control
from tests.lab.vcenter import rounds_case
from tests.lab.vcenter import vddk_library

COLD = 'tiny-2'
WARM = 'tiny-3'


class Base(rounds_case.Case):
    name = COLD
    options = {
        'vddk_libdir': str(vddk_library.LIBDIR),
        'vddk_plugin': str(vddk_library.PLUGIN),
    }

    def cold(self, **options):
        """Copy the machine, switched off, and compare; return the work."""
        self.source.power_off(self.key)
        work = self.work(**options)
        with self.watched() as seen:
            copy_disks.run(work)
        self.assertNotIn(control.PASSWORD, seen())
        verify.run(work)
        self.assert_same(work)
        return work

    def watched(self):
        return Watch(pathlib.Path(self.works))

    def failed(self, error, words, **options):
        self.source.power_off(self.key)
        work = self.work(**options)
        caught = self.raised(error, copy_disks.run, work)
        self.assertIn(words, str(caught))
        self.assertNotIn(control.PASSWORD, str(caught))
        return work


class Watch:
    """Looks at arguments, environments and logs while something runs."""

    def __init__(self, folder):
        self._folder = folder
        self._over = threading.Event()
        self._seen = set()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return lambda: '\n'.join(self._seen)

    def __exit__(self, *exc_info):
        self._over.set()
        self._thread.join()

    def _look(self):
        while not self._over.wait(0.02):
            mine = subprocess.run(
                ['ps', '-eo', 'pid=,args='], capture_output=True, text=True
            ).stdout
            for line in mine.splitlines():
                pid, _, arguments = line.strip().partition(' ')
                self._seen.add(arguments)
                if 'nbdkit' in arguments or 'transports' in arguments:
                    self._read(f'/proc/{pid}/environ')
            for path in self._folder.rglob('*.log'):
                self._read(path)

    def _read(self, path):
        try:
            self._seen.add(pathlib.Path(path).read_text(errors='replace'))
        except OSError:
            pass


class TestNfc(Base):
    def test_a_machine_of_two_disks(self):
        self.vcenter.knobs(lease_timeout=2)
        work = self.cold(transport='nfc')
        self.assertEqual('nfc', work.progress['transport']['chosen'])

    def test_a_cut_stream_goes_on_at_the_checkpoint(self):
        # Slow enough that something is durable when the stream is cut.
        work = self.work(transport='nfc', bandwidth_limit=16 << 20)
        often = mock.patch.object(copying, 'CHECKPOINT_INTERVAL', 0.05)
        self.enterContext(often)
        self.source.power_off(self.key)
        self.vcenter.knobs(cut_after=30 << 20, cut_count=2)
        self.assertRaises(errors.SourceReadFailed, copy_disks.run, work)
        done = sum(
            length
            for pairs in work.checkpoint['copied'].values()
            for _start, length in pairs
        )
        self.assertLess(0, done)
        del work.options['bandwidth_limit']
        self.vcenter.knobs()
        copy_disks.run(work)
        self.assert_same(work)

    def test_machines_that_run_are_refused(self):
        work = self.work(transport='nfc')
        error = self.raised(
            driver_errors.TransportUnavailable, precopy.run, work
        )
        self.assertIn('off only', str(error))


class TestVddk(Base):
    def test_cold(self):
        work = self.cold(transport='vddk')
        self.assertEqual('vddk', work.progress['transport']['chosen'])

    def test_a_read_that_fails(self):
        os.environ['MIGRATE_LAB_VDDK_FAIL_AT'] = str(1 << 20)
        self.addCleanup(os.environ.pop, 'MIGRATE_LAB_VDDK_FAIL_AT')
        self.failed(errors.SourceReadFailed, 'refused', transport='vddk')

    def test_auto_goes_on_by_another_one(self):
        os.environ['MIGRATE_LAB_VDDK_FAIL_AT'] = str(60 << 20)
        self.addCleanup(os.environ.pop, 'MIGRATE_LAB_VDDK_FAIL_AT')
        self.source.power_off(self.key)
        work = self.work()
        work.conf.worker.transports = ['vddk', 'nfc']
        copy_disks.run(work)
        self.assert_same(work)
        view = work.progress['transport']
        self.assertEqual('nfc', view['chosen'])
        self.assertEqual('vddk failed', view['reason'])
        self.assertEqual(['vddk'], [one['transport'] for one in view['tried']])

    def test_a_source_that_is_gone_is_not_a_failed_transport(self):
        self.source.power_off(self.key)
        work = self.work()
        work.conf.worker.transports = ['vddk', 'nfc']

        def fail(exports):
            raise errors.SourceReadFailed(disk='x', reason='y')

        def gone(key):
            raise driver_errors.SourceUnreachable(address='x', reason='y')

        self.source.power_state = gone
        self.addCleanup(delattr, self.source, 'power_state')
        self.assertRaises(
            driver_errors.SourceUnreachable,
            transport.reading,
            work,
            self.source,
            fail,
        )


class TestVddkErrors(Base):
    def export(self, **changes):
        disk = self.machine.disks[0]
        self.source.power_off(self.key)
        work = self.work()
        for name, value in changes.items():
            setattr(self.source, name, value)
            self.addCleanup(delattr, self.source, name)
        with self.source.export(
            self.machine,
            disk,
            transport='vddk',
            workdir=work.workdir,
            log=None,
        ):
            pass

    def test_a_wrong_password(self):
        session = self.source._session
        self.addCleanup(setattr, session, '_login', session._login)
        session._login = (control.USERNAME, 'not-this-one')
        error = self.raised(errors.TransportDenied, self.export)
        self.assertNotIn('not-this-one', str(error))

    def test_a_snapshot_that_is_gone(self):
        error = self.raised(
            errors.TransportFailed,
            self.export,
            _snapshot_with=lambda machine, disk: 'snapshot-none',
        )
        self.assertIn('snapshot not found', str(error))

    def test_another_certificate(self):
        real = vddk._thumbprint
        self.addCleanup(setattr, vddk, '_thumbprint', real)
        vddk._thumbprint = lambda session: ':'.join(['AB'] * 20)
        self.assertRaises(errors.TransportUntrusted, self.export)


class TestVddkWarm(Base):
    name = WARM

    def test_a_snapshot_is_read(self):
        work = self.work(transport='vddk', verify='full')
        precopy.run(work)
        self.vcenter.write(WARM, 0, 3 << 20, 5000, seed=2)
        precopy.run(work)
        self.finish(work)
        methods = work.result['final_copy']['methods']
        self.assertEqual({'changed'}, set(methods.values()))


class TestWithoutLibrary(rounds_case.Case):
    name = COLD

    def test_the_reason_is_told(self):
        work = self.work(transport='vddk')
        self.source.power_off(self.key)
        error = self.raised(
            driver_errors.TransportUnavailable, copy_disks.run, work
        )
        self.assertIn('vddk_libdir', str(error))
