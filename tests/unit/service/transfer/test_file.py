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

from migrate_service.transfer import errors
from migrate_service.transfer.transports import file
from tests.unit.service.transfer import disks


class FileTransportTest(disks.TransferTest):
    def setUp(self):
        super().setUp()
        self.root = self.path('datastore')
        os.makedirs(os.path.join(self.root, 'vm'))
        self.good = os.path.join(self.root, 'vm', 'vm-flat.vmdk')
        for path in (self.good, self.path('secret')):
            with open(path, 'wb') as image:
                image.truncate(4096)

    def _open(self, path, size=4096, root=None):
        with file.open_disk(
            path,
            root=root or self.root,
            size=size,
            workdir=self.work,
            name='disk',
        ) as export:
            return export

    def test_opens(self):
        self.assertEqual(4096, self._open(self.good).size)

    def test_root_may_be_a_link(self):
        os.symlink(self.root, self.path('link'))
        path = os.path.join(self.path('link'), 'vm', 'vm-flat.vmdk')
        self.assertEqual(4096, self._open(path, root=self.path('link')).size)

    def test_never_leaves_the_mount(self):
        link = os.path.join(self.root, 'vm', 'link')
        os.symlink(self.path('secret'), link)
        beside = self.root + '-other'
        os.mkdir(beside)
        sibling = os.path.join(beside, 'disk')
        os.link(self.good, sibling)
        for path in (
            link,
            os.path.join(self.root, '..', 'secret'),
            self.path('secret'),
            sibling,
        ):
            error = self.assertRaises(errors.TransportFailed, self._open, path)
            self.assertIn('not below', str(error))

    def test_other_errors(self):
        missing = os.path.join(self.root, 'missing')
        self.assertRaises(errors.TransportNotFound, self._open, missing)
        self.assertRaises(
            errors.TransportWrongSize, self._open, self.good, 8192
        )
        fifo = os.path.join(self.root, 'fifo')
        os.mkfifo(fifo)
        error = self.assertRaises(errors.TransportFailed, self._open, fifo)
        self.assertIn('regular', str(error))
