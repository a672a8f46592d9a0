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
import threading

import fixtures

from migrate_service.transfer import copy
from migrate_service.transfer import errors
from migrate_service.transfer.transports import https
from tests.unit.service.transfer import disks
from tests.unit.service.transfer import webserver

MIB = disks.MIB
COOKIE = 'vmware_soap_session="5ec2e7"'
PASSWORD = 'tops3cret'


class HttpsTest(disks.TransferTest):
    """Against a small HTTPS server with faults."""

    def setUp(self):
        super().setUp()
        retries = 'migrate_service.transfer.transports.https.RETRIES'
        self.useFixture(fixtures.MonkeyPatch(retries, 1))
        self.content = self.disk(9 * MIB + 512)
        self.server = self.useFixture(webserver.WebServer(self.content))

    def _endpoint(self, **changes):
        fields = {'url': self.server.url, 'address': '127.0.0.1'}
        if 'certificate' not in changes:
            fields['cafile'] = self.server.pem
        return https.Endpoint(**(fields | changes))

    def _open(self, size=None, **changes):
        return https.open_disk(
            self._endpoint(**changes),
            size=size or len(self.content),
            workdir=self.work,
            name='disk',
        )

    def _copy(self, fault=None, report=None, **changes):
        sink = self.sink('target', bytes(len(self.content)), zeroed=True)
        with self._open(**changes) as export:
            self.server.fault = fault
            copy.copy(
                [copy.DiskJob('disk', export, sink)],
                workdir=self.work,
                report=report or (lambda key, progress: None),
                check=lambda: None,
            )
        self.assertTrue(self.load('target') == self.content, self.seed)

    def _refused(self, kind, *args, **changes):
        def enter():
            with self._open(*args, **changes):
                pass

        return self.assertRaises(kind, enter)

    def test_copies_by_ca(self):
        self._copy()

    def test_copies_by_pin_whatever_the_name(self):
        url = self.server.url.replace('disk.example', '10.1.2.3')
        self._copy(certificate=self.server.certificate, url=url)

    def test_wrong_pin(self):
        pem, _ = webserver.make_certificate(self.work)
        with open(pem) as other:
            wrong = other.read()
        self._refused(errors.TransportUntrusted, certificate=wrong)
        self.assertEqual(0, self.server.requests)

    def test_other_name_and_unknown_ca(self):
        url = self.server.url.replace('disk.example', 'other.example')
        self._refused(errors.TransportUntrusted, url=url)
        self._refused(errors.TransportUntrusted, cafile=None)
        self.assertEqual(0, self.server.requests)

    def test_logins_stay_out_of_arguments_and_files(self):
        self.server.login = f'user:{PASSWORD}'
        with self._open(username='user', password=PASSWORD):
            shown = b''
            for name in ('gateway', 'nbdkit'):
                for pid in disks.children(name):
                    for part in ('cmdline', 'environ'):
                        with open(f'/proc/{pid}/{part}', 'rb') as text:
                            shown += text.read()
            for name in os.listdir(self.work):
                path = self.path(name)
                if os.path.isfile(path):
                    shown += self.load(name)
        self.assertIn(b'nbdkit', shown)
        self.assertNotIn(PASSWORD.encode(), shown)
        self._copy(username='user', password=PASSWORD)
        error = self._refused(
            errors.TransportRefused, username='user', password='wrong'
        )
        self.assertIn('401', str(error))

    def test_cookie_is_renewed(self):
        self.server.cookie = COOKIE + '1'
        renewed = threading.Event()

        def cookie():
            if self.server.cookie.endswith('2'):
                renewed.set()
            return self.server.cookie

        def fault(number, offset, part):
            if self.server.cookie.endswith('1'):
                self.server.cookie = COOKIE + '2'

        self._copy(fault=fault, cookie=cookie, renew=0.05)
        self.assertTrue(renewed.is_set())

    def test_not_there_and_other_size(self):
        self._refused(errors.TransportWrongSize, len(self.content) + 512)
        self.server.status = 404
        self._refused(errors.TransportNotFound)
        self.server.status = 503
        self._refused(errors.TransportFailed)

    def test_refused_connection(self):
        url = self.server.url.replace(str(self.server.port), '1')
        self._refused(errors.TransportUnreachable, url=url)

    def test_bad_urls(self):
        for url in ('http://disk.example/x', 'https://u:p@disk.example/x'):
            self._refused(errors.TransportFailed, url=url)

    def test_one_cut_download_is_repeated(self):
        self._copy(lambda number, at, part: 'cut' if number == 3 else None)

    def test_lies_are_errors_never_silence(self):
        for lie in ('cut', 'short', 'ignore-range'):
            self.server.fault = None
            error = self.assertRaises(
                errors.SourceReadFailed,
                self._copy,
                lambda number, at, part, lie=lie: lie if at else None,
            )
            self.assertRegex(str(error), r'early|HTTP 20[06] with the range')

    def test_no_ranges_is_noticed_at_once(self):
        self.server.fault = lambda number, at, part: 'ignore-range'
        self._refused(errors.TransportNoRanges)

    def test_leaves_no_child_and_no_socket(self):
        self._copy()
        self.assertEqual([], disks.children('nbdkit'))
        self.assertEqual([], disks.children('gateway'))
        left = [one for one in os.listdir(self.work) if '.log' not in one]
        self.assertEqual(['target'], left)
