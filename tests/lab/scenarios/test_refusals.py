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
"""What cannot work is refused with a code and a remedy, and leaves nothing."""

import requests
from openstack import exceptions

from tests.lab import settings
from tests.lab.scenarios import base
from tests.lab.service import tenants
from tests.lab.vcenter import control


class TestSources(base.Scenario):
    """Only a worker can know: the source ends in ``error``, and says why."""

    def refused(self, code, **changes):
        name = f'refused-{self.id().rpartition(".")[2]}'
        source = tenants.vcenter_source(self.manager, name=name, **changes)
        self.addCleanup(self.manager.migration.delete_source, source.id)
        self.assertEqual('error', source.status)
        self.assertEqual(code, source.error['code'], source.error)
        self.assertTrue(source.error['message'] and source.error['remedy'])
        return source

    def test_wrong_password(self):
        source = self.refused('source.login_refused', password='wrong-one')
        self.assertNotIn('wrong-one', str(source.to_dict()))

    def test_wrong_fingerprint(self):
        self.refused('source.pin_mismatch', ca=None, fingerprint='00' * 32)

    def test_unknown_authority(self):
        self.refused('source.tls_untrusted', ca=None)

    def test_nobody_listens(self):
        self.refused('source.unreachable', port=1)

    def test_not_a_vcenter(self):
        """The database answers, but not as a vCenter over TLS would."""
        name = 'refused-not-vcenter'
        source = tenants.vcenter_source(
            self.manager, name=name, port=settings.PORTS['keystone']
        )
        self.addCleanup(self.manager.migration.delete_source, source.id)
        self.assertEqual('error', source.status)

    def test_address_of_the_metadata_service(self):
        self.refused('source.address_refused', address='169.254.169.254')

    def test_corrected_password_makes_it_ready(self):
        source = self.refused('source.login_refused', password='wrong-one')
        self.manager.migration.update_source(
            source.id, password=control.PASSWORD
        )
        source = tenants.settled(self.manager, source)
        self.assertEqual('ready', source.status, source.error)


class TestRequests(base.Scenario):
    """Refused at once, by the API."""

    def refused(self, status, code, machine=None, **options):
        attributes = self.attributes(machine) | options
        before = self.world()
        with self.assertRaises(exceptions.HttpException) as caught:
            self.member.migration.create_migration(**attributes)
        answer = caught.exception.response.json()
        self.assertEqual(
            (status, code),
            (
                caught.exception.response.status_code,
                answer['errors'][0]['code'],
            ),
            answer,
        )
        self.assertTrue(answer['message'])
        self.assertEqual(before, self.world())

    def test_unknown_machine(self):
        self.refused(404, 'machine.not_found', machine_id='vm-none')

    def test_raw_device_mapping(self):
        self.refused(400, 'machine.disk_unsupported', machine='rdm-physical')

    def test_encrypted_machine(self):
        self.refused(400, 'machine.unsupported', machine='encrypted')

    def test_unmapped_network(self):
        self.refused(400, 'migration.network_unmapped', networks=[])

    def test_snapshot_chain(self):
        self.refused(409, 'migration.blocked', machine='snapshot-chain')

    def test_machine_in_use(self):
        self.reset(self.machine)
        self.close_door('inspect', 'hold')
        self.move()
        attributes = self.attributes()
        with self.assertRaises(exceptions.ConflictException) as caught:
            self.member.migration.create_migration(**attributes)
        code = caught.exception.response.json()['errors'][0]['code']
        self.assertEqual('migration.machine_in_use', code)

    def post(self, data):
        return requests.post(
            settings.url('migrate', '/v1/migrations'),
            data=data,
            headers={
                'X-Auth-Token': self.member.auth_token,
                'Content-Type': 'application/json',
            },
            timeout=60,
        )

    def test_malformed_json(self):
        answer = self.post('{"migration": {')
        self.assertEqual(400, answer.status_code)
        self.assertTrue(answer.json()['message'])

    def test_too_large_body(self):
        answer = self.post('{"migration": "%s"}' % ('x' * 4_000_000))
        self.assertEqual(413, answer.status_code)
        self.assertTrue(answer.json()['message'])


class TestTargets(base.Scenario):
    """Only a worker can know: ``error`` before anything was made."""

    def setUp(self):
        super().setUp()
        self.reset(self.machine)
        self.before = self.world()

    def refused(self, code, machine=None, **options):
        migration = self.move(machine, **options)
        failed = self.wait(migration.id, 'error')
        self.assertEqual(code, failed.error['code'], failed.error)
        self.assertTrue(failed.error['remedy'])
        self.member.migration.cancel_migration(migration.id)
        self.wait(migration.id, 'cancelled')
        self.assertEqual(self.before, self.world())

    def test_network_of_another_tenant(self):
        theirs = self.admin.network.find_network('net-b')
        networks = self.attributes()['networks']
        networks[0]['network_id'] = theirs.id
        self.refused('target.network_not_found', networks=networks)

    def test_volume_type_that_is_not_there(self):
        self.refused('target.volume_type_not_found', volume_type='none-such')

    def test_no_flavor_fits(self):
        self.refused('target.flavor_none_fits', machine='huge')

    def test_quota_of_volumes(self):
        project = self.member.current_project_id
        quota = self.admin.block_storage.get_quota_set(project, usage=True)
        self.addCleanup(
            self.admin.block_storage.update_quota_set,
            project,
            gigabytes=quota.gigabytes,
        )
        self.admin.block_storage.update_quota_set(
            project, gigabytes=quota.usage['gigabytes'] + 1
        )
        self.refused('target.quota_exceeded')
