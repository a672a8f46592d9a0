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
"""``migrate-manage orphans`` finds what is left, and has it removed."""

import argparse
import contextlib
import io

from migrate_service.cmd import orphans
from migrate_service.db.api import ledger
from tests.functional import base


class TestOrphans(base.TestCase):
    def setUp(self):
        super().setUp()
        # The service of this process has configured it already.
        self.patch(orphans.db, 'configure', lambda conf: None)
        self.machine = self.add_machine(sizes=(base.MIB,))
        self.migration_id = self.create(self.leave_a_volume(), self.machine)
        self.wait_for_door('reserve')
        self.clouds.fail('remove_volume', times=1)
        self.request('POST', f'/migrations/{self.migration_id}/cancel')
        self.wait_for_status(self.migration_id, 'error')

    def leave_a_volume(self):
        self.doors = {'reserve': 'hold'}
        return self.ready_source()

    def sweep(self, execute=False):
        """Return what the command prints."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            orphans.sweep(self.conf, argparse.Namespace(execute=execute))
        return output.getvalue()

    def volumes(self):
        return [
            entry.resource_id
            for entry in ledger.entries(self.context, self.migration_id)
            if entry.kind == 'volume' and entry.state == 'present'
        ]

    def test_a_dry_run_lists_and_execute_has_them_removed(self):
        (volume,) = self.volumes()
        printed = self.sweep()
        line = f'{self.migration_id}  project-a  volume {volume}'
        self.assertIn(line, printed)
        self.assertIn('nothing was changed', printed)
        self.assertEqual('error', self.migration(self.migration_id).status)
        self.assertEqual([volume], self.volumes())
        self.assertIn(
            '1 migrations are cancelled once more', self.sweep(execute=True)
        )
        self.wait_for_status(self.migration_id, 'cancelled')
        self.assertEqual([], self.volumes())
        self.assertIn('0 orphans', self.sweep())

    def test_what_a_user_may_still_retry_is_no_orphan(self):
        self.doors = {'reserve': 'fail'}
        other = self.add_machine(name='other', sizes=(base.MIB,))
        id = self.create(self.ready_source(), other)
        self.wait_for_status(id, 'error')
        self.assertNotIn(id, self.sweep())
