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

"""Which sinks are said to read as zero where nothing was written."""

import types

import testtools

from migrate_service.drivers.openstack import attachments


class TestSink(testtools.TestCase):
    def zeroed(self, kind, encrypted=False):
        volume = types.SimpleNamespace(size=1, is_encrypted=encrypted)
        info = {'driver_volume_type': kind}
        return attachments._sink(volume, info, '/none').zeroed

    def test_only_what_is_sparse_by_its_nature(self):
        for kind in ('nfs', 'rbd'):
            self.assertTrue(self.zeroed(kind))
            self.assertFalse(self.zeroed(kind, encrypted=True))
        for kind in ('iscsi', 'fibre_channel', 'nvmeof', 'local'):
            self.assertFalse(self.zeroed(kind))
