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

"""An assessment of the whole vCenter finds what is planted in it."""

import json

from tests.lab.scenarios import base
from tests.lab.service import move

#: What must be found, by machine, for a warm migration of all of them.
PLANTED = {
    'rdm-physical': {'concern.disk_rdm'},
    'snapshot-chain': {'concern.snapshots'},
    'independent-disk': {'concern.disk_independent'},
    'win-dc1': {'concern.secure_boot', 'concern.guest_windows'},
    'encrypted': {'concern.machine_encrypted', 'concern.tpm'},
    'powered-off': {'concern.machine_off'},
    'suspended': {'concern.machine_suspended'},
    'template-debian': {'concern.machine_template'},
    'huge': {'concern.flavor_none_fits'},
    'no-tools': {'concern.tools_not_running', 'concern.address_unknown'},
    'db-virtio': {'concern.network_unmapped'},
    'tiny-1': {'concern.address_outside_subnet'},
    'Büro & shop/1 #2 [x]': {'concern.address_unknown'},
}


class TestAssess(base.Scenario):
    def assess(self, *arguments):
        """Run the command; return what it printed and its exit code."""
        command = [
            *('openstack', 'migration', 'assess', '-f', 'json'),
            *('--source', self.source.id),
            *('--network', 'VM Network=net-a'),
            *('--network', 'dvpg-web=net-a'),
            *arguments,
        ]
        done = move.openstack(command)
        return json.loads(done.stdout), done.returncode

    def test_planted_problems_are_found_and_nothing_is_made(self):
        before = self.world()
        machines, code = self.assess(
            '--all', '--kind', 'warm', '--fail-on', 'blocking'
        )
        self.assertEqual(before, self.world())
        self.assertEqual(2, code)
        found = {machine['machine']: machine for machine in machines}
        self.assertEqual(set(self.vcenter.vms()), set(found))
        for name, codes in PLANTED.items():
            told = {one['code'] for one in found[name]['concerns']}
            self.assertLessEqual(codes, told, name)
        for machine in machines:
            for one in machine['concerns']:
                self.assertTrue(one['what'] and one['why'] and one['remedy'])

    def test_the_gigabyte_too_many_is_told_with_the_figure(self):
        """tiny-2 needs two volumes of a GiB; there is room for one."""
        project = self.member.current_project_id
        quota = self.admin.block_storage.get_quota_set(project, usage=True)
        self.addCleanup(
            self.admin.block_storage.update_quota_set,
            project,
            gigabytes=quota.gigabytes,
        )
        limit = quota.usage['gigabytes'] + 1
        self.admin.block_storage.update_quota_set(project, gigabytes=limit)
        machines, code = self.assess('tiny-2')
        self.assertEqual(0, code)
        (told,) = [
            one
            for one in machines[0]['concerns']
            if one['code'] == 'concern.quota_exceeded'
        ]
        self.assertIn('gigabytes', told['what'])
        self.assertIn(f'2 needed, 1 free ({limit} less', told['what'])
