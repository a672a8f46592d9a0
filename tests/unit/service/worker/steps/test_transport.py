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


"""A transport that fails in the middle, and the choice of the best."""

import contextlib
import os
import pathlib
import types

import fixtures
import testtools

from migrate_service.drivers import base
from migrate_service.drivers import errors as driver_errors
from migrate_service.drivers.fake import destination
from migrate_service.drivers.fake import folder
from migrate_service.drivers.fake import machines
from migrate_service.drivers.fake import source
from migrate_service.transfer import errors
from migrate_service.transfer import transports
from migrate_service.transfer.transports import nbdkit
from migrate_service.worker.steps import copy_disks
from migrate_service.worker.steps import copying
from migrate_service.worker.steps import transport
from tests.unit.service.worker.steps import fakes

MIB = 1024**2
SIZE = 32 * MIB


class Source(source.FakeSource):
    """Has three transports: each a real nbdkit with filters of its own."""

    def __init__(self, folder, root):
        super().__init__(folder)
        self.root = root
        self.filters = {'file': {}, 'https': {}, 'nfc': {}}
        self.opened = []

    def transports(self, machine):
        return list(self.filters)

    def unavailable(self, machine):
        return {'vddk': 'it is not there'}

    def cut(self, name):
        """Have all reads by a transport fail from now on."""
        (self.root / f'cut-{name}').touch()

    @contextlib.contextmanager
    def export(self, machine, disk, *, transport, workdir, log):
        self.opened.append(transport)
        path = machines.content(self.folder, machine, disk)
        parameters = {
            'error-pread-rate': '100%',
            'error-file': self.root / f'cut-{transport}',
        } | self.filters[transport]
        with nbdkit.serve(
            ['file', f'file={path}']
            + [f'{key}={value}' for key, value in parameters.items()],
            workdir=workdir,
            name=f'{transport}-{disk.key}',
            filters=['error', *(['rate'] if 'rate' in parameters else [])],
        ) as server:
            yield transports.Export(
                server.uri,
                disk.size,
                connections=2,
                request_size=256 * 1024,
                explain=server.explain,
            )


class Case(testtools.TestCase):
    """A machine that is off, its source, and a cloud in a folder."""

    def setUp(self):
        super().setUp()
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        state = folder.Folder(root / 'fake')
        self.machine = machines.add(
            state, 'web', sizes=(SIZE,), power_state='off'
        )
        (self.disk,) = self.machine.disks
        image = machines.content(state, self.machine, self.disk)
        image.write_bytes(os.urandom(SIZE))
        self.source = Source(state, root)
        cloud = destination.FakeDestination(state, 'project')
        self.work = fakes.Work(self.source, cloud)
        self.work.machine_id = self.machine.key
        self.work.workdir = str(root / 'work')
        os.mkdir(self.work.workdir)
        self.work.conf.worker = types.SimpleNamespace(
            transports=['file', 'https', 'nfc']
        )
        request = base.VolumeRequest(
            key=self.disk.key, name='web', size=self.disk.size
        )
        volume = cloud.ensure_volume(request, self.work.id)
        self.target = pathlib.Path(cloud.volume_path(volume['id']))
        self.work.checkpoint = {
            'machine': self.machine.to_dict(),
            'volumes': {self.disk.key: volume},
        }
        self.image = image
        self.patch(copying, 'CHECKPOINT_INTERVAL', 0.2)

    def watch_copies(self):
        """Return the jobs of each copy, as they come."""
        copies = []
        copy = copying.transfer.copy

        def watched(jobs, **arguments):
            (job,) = jobs
            copies.append((job.export.connections, job.done.total))
            return copy(jobs, **arguments)

        self.patch(copying.transfer, 'copy', watched)
        return copies

    def assert_same(self):
        self.assertEqual(
            self.image.read_bytes(), self.target.read_bytes()[:SIZE]
        )


class TestTransport(Case):
    @property
    def view(self):
        return self.work.progress['transport']

    def cut_after_a_checkpoint(self, name):
        store = self.work.store_manifest

        def store_then_cut(disk, chunks):
            store(disk, chunks)
            self.source.cut(name)

        self.work.store_manifest = store_then_cut
        # More is left than may be under way at once.
        self.source.filters[name] = {'rate': '32M'}

    def test_the_next_one_goes_on_at_the_checkpoint(self):
        self.cut_after_a_checkpoint('file')
        copies = self.watch_copies()
        copy_disks.run(self.work)
        self.assert_same()
        self.assertEqual(['file', 'https'], self.source.opened)
        self.assertEqual('https', self.view['chosen'])
        self.assertEqual('file failed', self.view['reason'])
        (tried,) = self.view['tried']
        self.assertEqual('file', tried['transport'])
        self.assertIn('could not be read', tried['error'])
        (first, second) = [done for _connections, done in copies]
        self.assertEqual(0, first)
        self.assertLess(0, second)

    def test_all_fail(self):
        for name in ('file', 'https', 'nfc'):
            self.source.cut(name)
        self.assertRaises(errors.SourceReadFailed, copy_disks.run, self.work)
        self.assertEqual(['file', 'https', 'nfc'], self.source.opened)
        names = [one['transport'] for one in self.view['tried']]
        self.assertEqual(['file', 'https', 'nfc'], names)

    def test_what_was_asked_for_has_no_substitute(self):
        self.work.options['transport'] = 'https'
        self.source.cut('https')
        self.assertRaises(errors.SourceReadFailed, copy_disks.run, self.work)
        self.assertEqual(['https'], self.source.opened)

    def test_a_source_that_is_gone_is_told_as_such(self):
        self.source.cut('file')
        power_state = self.source.power_state

        def gone(key):
            if self.source.opened:
                raise driver_errors.SourceUnreachable(address='x', reason='y')
            return power_state(key)

        self.source.power_state = gone
        self.assertRaises(
            driver_errors.SourceUnreachable, copy_disks.run, self.work
        )

    def test_the_fastest_in_a_trial_is_taken(self):
        self.patch(transport, 'WORTH', MIB)
        self.source.filters['file'] = {'rate': '16M'}
        self.source.cut('nfc')
        copy_disks.run(self.work)
        self.assert_same()
        self.assertEqual('https', self.view['chosen'])
        self.assertEqual('it was the fastest in a trial', self.view['reason'])
        tried = {one['transport']: one for one in self.view['tried']}
        self.assertLess(tried['file']['rate'], tried['https']['rate'])
        self.assertIsNotNone(tried['nfc']['error'])
        self.assertEqual(
            [{'transport': 'vddk', 'reason': 'it is not there'}],
            self.view['unavailable'],
        )
        opened = list(self.source.opened)
        copy_disks.run(self.work)
        self.assertEqual([*opened, 'https'], self.source.opened)

    def test_small_machines_are_not_tried(self):
        copy_disks.run(self.work)
        self.assertEqual(['file'], self.source.opened)

    def test_warm_leaves_out_what_reads_stopped_machines(self):
        self.work.conf.worker.transports = ['nfc']
        error = self.assertRaises(
            driver_errors.TransportUnavailable,
            transport.choose,
            self.work,
            self.source,
            self.machine,
            warm=True,
        )
        self.assertIn('nfc: it reads machines that are off only', str(error))

    def test_a_choice_that_this_node_has_not_is_made_again(self):
        self.work.checkpoint['transport'] = 'file'
        self.work.conf.worker.transports = ['https']
        copy_disks.run(self.work)
        self.assertEqual(['https'], self.source.opened)
        self.assert_same()
