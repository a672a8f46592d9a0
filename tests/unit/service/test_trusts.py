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

"""Trusts are made from the user's token; refusals are explained."""

import requests
import requests_mock
import testtools
from keystoneauth1 import fixture as keystone_fixture
from keystoneauth1 import loading
from oslo_config import cfg
from requests_mock.contrib import fixture as mock_fixture

from migrate_service import conf as migrate_conf
from migrate_service import context as migrate_context
from migrate_service import exceptions
from migrate_service import trusts

KEYSTONE = 'http://keystone.test/identity'
TRUSTS = f'{KEYSTONE}/v3/OS-TRUST/trusts'


class TestTrusts(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.web = self.useFixture(mock_fixture.Fixture())
        token = keystone_fixture.V3Token(user_id='service-user')
        token.set_project_scope()
        self.web.get(
            f'{KEYSTONE}/v3',
            json={'version': keystone_fixture.V3Discovery(f'{KEYSTONE}/v3')},
        )
        self.login = self.web.post(
            f'{KEYSTONE}/v3/auth/tokens',
            json=token,
            headers={'X-Subject-Token': 'service-token'},
        )
        self.trusts = trusts.Trusts(self.conf())
        self.context = migrate_context.RequestContext(
            user_id='user',
            project_id='project',
            roles=['member', 'reader'],
            auth_token='user-token',
            overwrite=False,
        )

    def conf(self):
        conf = cfg.ConfigOpts()
        migrate_conf.register_opts(conf)
        conf([], project='migrate', default_config_files=[])
        conf.set_override('auth_type', 'v3password', 'service_auth')
        opts = loading.get_auth_plugin_conf_options('v3password')
        conf.register_opts(opts, group='service_auth')
        for name, value in {
            'auth_url': f'{KEYSTONE}/v3',
            'username': 'migrate',
            'password': 'pw',
            'user_domain_id': 'default',
            'project_name': 'service',
            'project_domain_id': 'default',
        }.items():
            conf.set_override(name, value, 'service_auth')
        return conf

    def create(self):
        """Make a trust as the user."""
        self.ledger = self.trusts.ledger()
        return self.trusts.create(self.context, self.ledger)

    def test_hardly_two_end_in_the_same_second(self):
        """Keystone takes one of a user and project for each second."""
        ends = [self.trusts.ledger()[0]['details'] for _ in range(100)]
        seconds = {one['expires_at'][:19] for one in ends}
        self.assertGreater(len(seconds), 90)

    def test_the_roles_of_the_token_are_delegated(self):
        made = self.web.post(TRUSTS, json={'trust': {'id': 'trust-1'}})
        self.assertEqual('trust-1', self.create())
        self.assertEqual(
            {
                'trustor_user_id': 'user',
                'trustee_user_id': 'service-user',
                'project_id': 'project',
                'impersonation': True,
                'expires_at': self.ledger[0]['details']['expires_at'],
                'roles': [{'name': 'member'}, {'name': 'reader'}],
            },
            made.last_request.json()['trust'],
        )
        headers = made.last_request.headers
        self.assertEqual('user-token', headers['X-Auth-Token'])

    def test_an_administrator_delegates_no_more_than_a_member(self):
        made = self.web.post(TRUSTS, json={'trust': {'id': 'trust-1'}})
        for roles, delegated in (
            (['Admin', 'manager', 'creator'], ['manager', 'creator']),
            (['admin'], ['admin']),
        ):
            self.context.roles = roles
            self.create()
            sent = made.last_request.json()['trust']['roles']
            self.assertEqual(delegated, [role['name'] for role in sent])

    def test_the_service_logs_in_once(self):
        self.web.post(TRUSTS, json={'trust': {'id': 'trust-1'}})
        self.create()
        self.create()
        self.assertEqual(1, self.login.call_count)

    def test_a_refusal_is_explained(self):
        self.web.post(
            TRUSTS,
            status_code=403,
            json={'error': {'code': 403, 'message': 'Not allowed.'}},
            headers={'Content-Type': 'application/json'},
        )
        error = self.assertRaises(exceptions.TrustRefused, self.create)
        self.assertIn('Not allowed.', str(error))
        self.assertIn('application credential', error.advice)

    def test_a_keystone_that_is_away_is_not_the_fault_of_the_user(self):
        for broken in (
            {'exc': requests.exceptions.ConnectionError},
            {'status_code': 500},
        ):
            self.web.post(TRUSTS, **broken)
            self.assertRaises(
                exceptions.TrusteeUnavailable,
                self.create,
            )

    def test_an_account_that_is_refused_is_the_fault_of_the_operator(self):
        self.web.post(f'{KEYSTONE}/v3/auth/tokens', status_code=401)
        self.assertRaises(exceptions.TrusteeUnavailable, self.create)

    def test_a_trust_that_nobody_noted_is_found_and_deleted(self):
        (entry,) = self.trusts.ledger()
        (other,) = self.trusts.ledger()
        listed = self.web.get(
            TRUSTS,
            json={
                'trusts': [
                    {'id': f'trust-{number}'} | one['details']
                    for number, one in enumerate((other, entry))
                ]
            },
        )
        gone = self.web.delete(requests_mock.ANY, status_code=204)
        self.trusts.delete_unnoted(entry['details'])
        self.assertEqual(
            ['service-user'], listed.last_request.qs['trustee_user_id']
        )
        deleted = [request.url for request in gone.request_history]
        self.assertEqual([f'{TRUSTS}/trust-1'], deleted)
        scope = self.login.last_request.json()['auth']['scope']
        self.assertEqual({'OS-TRUST:trust': {'id': 'trust-1'}}, scope)

    def test_a_trust_is_deleted_by_its_user(self):
        gone = self.web.delete(requests_mock.ANY, status_code=204)
        self.trusts.delete(self.context, 'trust-1')
        self.assertEqual(f'{TRUSTS}/trust-1', gone.last_request.url)
        headers = gone.last_request.headers
        self.assertEqual('user-token', headers['X-Auth-Token'])
