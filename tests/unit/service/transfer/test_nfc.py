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

"""The stream of an export as a disk: through the real mover."""

import contextlib
import os

from migrate_service.transfer import copy
from migrate_service.transfer import errors
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from migrate_service.transfer.transports import nfc
from migrate_service.transfer.transports import web
from tests.unit.service.transfer import disks
from tests.unit.service.transfer import vmdks
from tests.unit.service.transfer import webserver

MIB = 1024 * 1024
SIZE = 21 * MIB + 512


class NfcTest(disks.TransferTest):
    def setUp(self):
        super().setUp()
        self.disk_content = vmdks.content(SIZE, self.seed)
        self.stream = vmdks.Writer(self.disk_content).stream()

    @contextlib.contextmanager
    def served(self, stream=None, size=SIZE, cut=None, login='me:secret-1'):
        server = webserver.StreamServer(stream or self.stream, login, cut)
        self.web = self.useFixture(server)
        user, _, password = 'me:secret-1'.partition(':')
        endpoint = web.Endpoint(
            url=self.web.url,
            address='127.0.0.1',
            certificate=self.web.certificate,
            username=user,
            password=password,
        )
        with nfc.open_disk(
            endpoint, size=size, workdir=self.work, name='disk'
        ) as export:
            yield export

    def copied(self, export, done=()):
        path = self.path('target')
        if not os.path.exists(path):
            with open(path, 'wb') as target:
                target.truncate(export.size)
        job = copy.DiskJob(
            'disk',
            export,
            sinks.Sink(path, export.size),
            done=ranges.Ranges(done),
        )
        copy.copy(
            [job],
            workdir=self.work,
            report=lambda key, state: None,
            check=lambda: None,
        )
        return self.load('target')

    def test_a_copy_is_the_disk(self):
        with self.served() as export:
            self.assertEqual(self.disk_content, self.copied(export))
        self.assertEqual(1, self.web.requests)

    def test_what_is_done_is_not_written_again(self):
        marked = b'old' + self.disk_content[3:]
        self.store('target', marked)
        with self.served() as export:
            self.assertEqual(marked, self.copied(export, [(0, 12 * MIB)]))

    def test_another_reader_begins_anew(self):
        with self.served() as export:
            self.copied(export)
            self.assertEqual(self.disk_content, self.copied(export))
        self.assertEqual(2, self.web.requests)

    def test_a_cut_stream_is_an_error(self):
        with self.served(cut=len(self.stream) - 1024) as export:
            error = self.assertRaises(
                errors.SourceReadFailed, self.copied, export
            )
        self.assertIn('ends early', str(error))

    def test_a_refused_login_is_told_without_it(self):
        with self.served(login='me:other') as export:
            error = self.assertRaises(
                errors.SourceReadFailed, self.copied, export
            )
        self.assertIn('refused the credentials', str(error))
        self.assertNotIn('secret-1', str(error))

    def test_another_disk_is_refused(self):
        with self.served(size=SIZE + 512) as export:
            error = self.assertRaises(
                errors.SourceReadFailed, self.copied, export
            )
        self.assertIn('where the disk has', str(error))

    def test_the_login_is_in_no_argument_and_no_file(self):
        with self.served() as export:
            self.copied(export)
            for pid in disks.children('transports.stream'):
                for name in ('cmdline', 'environ'):
                    with open(f'/proc/{pid}/{name}', 'rb') as seen:
                        self.assertNotIn(b'secret-1', seen.read())
        for name in os.listdir(self.work):
            if name.endswith('.log'):
                self.assertNotIn(b'secret-1', self.load(name))

    def test_the_position_is_told(self):
        told = []
        server = self.useFixture(
            webserver.StreamServer(self.stream, None, None)
        )
        endpoint = web.Endpoint(
            url=server.url,
            address='127.0.0.1',
            certificate=server.certificate,
        )
        with nfc.open_disk(
            endpoint,
            size=SIZE,
            workdir=self.work,
            name='disk',
            position=told.append,
        ) as export:
            self.assertEqual(0, told[0]())
            self.copied(export)
            self.assertEqual(SIZE, told[0]())
