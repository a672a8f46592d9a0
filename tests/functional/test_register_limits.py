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

"""``migrate-manage limits register`` against a Keystone that is played."""

import contextlib
import io

import openstack
import testtools
from keystoneauth1 import exceptions as keystone_errors
from openstack import exceptions as sdk_errors
from openstack.identity.v3 import endpoint
from openstack.identity.v3 import registered_limit
from openstack.identity.v3 import service

from migrate_service import limits
from migrate_service.cmd import manage


class Identity:
    """Holds one service, its endpoints and registered limits."""

    def __init__(self, endpoints=1):
        self.registered = {}
        self.count = endpoints

    def services(self, type, name):
        if type == 'migration':
            yield service.Service(id='s1', type=type, name='migrate')

    def endpoints(self, service_id, interface):
        for number in range(self.count):
            yield endpoint.Endpoint(
                id=f'e{number}',
                service_id=service_id,
                region_id=f'region-{number}',
                interface=interface,
            )

    def get_endpoint(self, id):
        for found in self.endpoints('s1', 'public'):
            if found.id == id:
                return found
        raise sdk_errors.NotFoundException('no such endpoint')

    def registered_limits(self, service_id, region_id):
        for name, value in self.registered.get(region_id, {}).items():
            yield registered_limit.RegisteredLimit(
                id=region_id, resource_name=name, default_limit=value
            )

    def create_registered_limit(self, **attrs):
        region = self.registered.setdefault(attrs['region_id'], {})
        assert attrs['resource_name'] not in region  # noqa: S101
        region[attrs['resource_name']] = attrs['default_limit']

    def update_registered_limit(self, known, default_limit):
        self.registered[known.id][known.resource_name] = default_limit


class Connection:
    def __init__(self, identity):
        self.identity = identity


class TestRegister(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.identity = Identity()
        self.patch(openstack, 'connect', lambda: Connection(self.identity))

    def register(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = manage.main(['limits', 'register', *arguments])
        return code, out.getvalue(), err.getvalue()

    def test_all_are_registered_and_stay(self):
        code, out, _err = self.register('--limit', 'migration_active=50')
        self.assertEqual(0, code)
        expected = dict.fromkeys(limits.RESOURCES, -1)
        expected['migration_active'] = 50
        self.assertEqual({'region-0': expected}, self.identity.registered)
        self.assertIn('[oslo_limit] endpoint_id = e0\n', out)
        self.register()
        self.assertEqual({'region-0': expected}, self.identity.registered)

    def test_a_value_is_changed_when_it_is_named(self):
        self.register()
        _code, out, _err = self.register('--limit', 'migration_active=7')
        self.assertEqual(
            7, self.identity.registered['region-0']['migration_active']
        )
        self.assertIn('migration_active = 7 (was -1)', out)

    def test_which_endpoint_must_be_clear(self):
        self.identity.count = 2
        code, _out, err = self.register()
        self.assertEqual(1, code)
        self.assertIn('Keystone has 2 public endpoints', err)
        self.assertEqual({}, self.identity.registered)
        code, _out, _err = self.register('--endpoint-id', 'e1')
        self.assertEqual(0, code)
        self.assertEqual(['region-1'], list(self.identity.registered))

    def test_an_endpoint_that_is_not_there(self):
        code, _out, err = self.register('--endpoint-id', 'e9')
        self.assertEqual(1, code)
        self.assertIn('no such endpoint', err)

    def test_without_credentials_there_is_a_sentence(self):
        def connect():
            raise keystone_errors.MissingRequiredOptions([])

        self.patch(openstack, 'connect', connect)
        code, _out, err = self.register()
        self.assertEqual(1, code)
        self.assertIn('Limits cannot be registered', err)

    def test_what_is_no_limit(self):
        for text in ('servers=1', 'migration_active', 'migration_active=-2'):
            with contextlib.redirect_stderr(io.StringIO()):
                self.assertRaises(
                    SystemExit,
                    manage.main,
                    ['limits', 'register', '--limit', text],
                )
