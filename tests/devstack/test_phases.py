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
"""The phases of the DevStack plugin, from an empty cloud and back."""

import unittest

import openstack
from openstack import config
from openstack import utils

from tests.devstack import stand_in
from tests.lab import service
from tests.lab import settings
from tests.lab.cloud import populate


def endpoints(identity):
    """Return ``{interface: URL}`` of our service in the catalogue."""
    return {
        endpoint.interface: endpoint.url
        for found in identity.services(type='migration')
        for endpoint in identity.endpoints(service_id=found.id)
    }


class TestPhases(unittest.TestCase):
    """The lab's own Migrate is stopped, and stays so: ``tools/lab up``."""

    def setUp(self):
        super().setUp()
        service.down()
        clouds = config.OpenStackConfig(
            config_files=[str(settings.CLOUDS_YAML)]
        )
        cloud = openstack.connection.Connection(config=clouds.get_one('admin'))
        self.identity = cloud.identity
        self.addCleanup(populate.accounts_again)
        self.forget_the_labs_own()
        stand_in.make()
        self.addCleanup(stand_in.stop_web_server)

    def forget_the_labs_own(self):
        for found in self.identity.services(type='migration'):
            self.identity.delete_service(found)
        user = self.identity.find_user(settings.SERVICE_USER)
        if user:
            self.identity.delete_user(user)

    def test_from_empty_to_empty(self):
        before = stand_in.files()
        stand_in.borrow_simulator()
        self.addCleanup(self.unstack)
        stand_in.run('stack')
        self.see_the_accounts()
        self.see_the_node()
        self.see_the_source()
        self.unstack()
        self.assertEqual([], stand_in.processes())
        self.assertEqual({}, endpoints(self.identity))
        self.assertIsNone(self.identity.find_user('migrate'))
        stand_in.run('clean')
        self.assertEqual(before, stand_in.files())

    def unstack(self):
        stand_in.run('unstack')

    def see_the_accounts(self):
        url = f'http://{settings.HOST}:{stand_in.PORT}/migration'
        self.assertEqual(
            dict.fromkeys(('public', 'internal', 'admin'), url),
            endpoints(self.identity),
        )
        user = self.identity.find_user('migrate', ignore_missing=False)
        given = self.identity.role_assignments(user_id=user.id)
        names = {self.identity.get_role(one.role['id']).name for one in given}
        self.assertEqual({'service'}, names)

    def see_the_node(self):
        command = ('migration', 'worker', 'list')
        for _ in utils.iterate_timeout(60, 'no node is up', wait=0.5):
            nodes = stand_in.openstack('devstack-admin', *command)
            if nodes:
                break
        self.assertEqual([2], [node['Slots'] for node in nodes], nodes)

    def see_the_source(self):
        command = ('migration', 'machine', 'list', '--source')
        machines = stand_in.openstack(
            'devstack', *command, 'simulated-vcenter'
        )
        self.assertEqual(['tiny-1'], [one['Name'] for one in machines])
