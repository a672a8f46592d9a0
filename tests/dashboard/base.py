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

"""What the tests of panels share: users, and a service made of samples.

The client is the real one. What it asks for over HTTP is answered with the
samples of the API reference, which the service's own tests hold true.
"""

import json
import pathlib
import re

import requests_mock
from django.test import utils
from openstack_auth import policy
from openstack_dashboard.test import helpers

SAMPLES = pathlib.Path(__file__).parents[2] / 'api-ref' / 'source' / 'samples'
URL = 'http://migrate.example/v1'
MIGRATION = '0c8a7a55-6b6a-4a42-8d0e-2f6f2a1f7c31'
SOURCE = '6d4f6a35-3b0e-4a5a-9d0b-6f0a6f5f9a10'


def sample(name):
    """Return a sample of the API reference; of a list, the only page."""
    body = json.loads((SAMPLES / f'{name}.json').read_text())
    return {
        key: value for key, value in body.items() if not key.endswith('_links')
    }


def warm_at(step, status='waiting', **changes):
    """Return a warm migration at a step."""
    migration = sample('migration-accept-response')['migration']
    undecided = {'cancel_requested_at': None, 'rollback_requested_at': None}
    return migration | undecided | {'status': status, 'step': step} | changes


@utils.override_settings(POLICY_CHECK_FUNCTION='openstack_auth.policy.check')
class TestCase(helpers.TestCase):
    """A member of a project, unless ``acts_as`` says otherwise."""

    acts_as = ('member', 'reader')

    def setUp(self):
        super().setUp()
        policy.reset()
        roles = [{'id': name, 'name': name} for name in self.acts_as]
        self._setup_user(roles=roles)
        self.service = requests_mock.Mocker()
        self.service.start()
        self.addCleanup(self.service.stop)
        version = sample('version-show')
        version['version']['links'][0]['href'] = f'{URL}/'
        self.serve('/?', version)

    def _setup_test_data(self):
        super()._setup_test_data()
        endpoints = [
            {
                'region': 'RegionOne',
                'region_id': 'RegionOne',
                'interface': name,
                'id': name,
                # As the install guide says: without a version.
                'url': URL.removesuffix('/v1'),
            }
            for name in ('public', 'internal', 'admin')
        ]
        self.service_catalog.append(
            {
                'type': 'migration',
                'name': 'migrate',
                'endpoints_links': [],
                'endpoints': endpoints,
            }
        )

    def serve(self, path, body, method='GET', status=200):
        """Let the service answer ``path``, a regular expression."""
        return self.service.register_uri(
            method,
            re.compile(f'^{re.escape(URL)}{path}(\\?.*)?$'),
            json=body,
            status_code=status,
        )

    def serve_migration(self, migration, path=f'/migrations/{MIGRATION}'):
        """Let the service show one migration, with what belongs to it."""
        self.serve(path, {'migration': migration})
        self.serve(f'{path}/events', sample('events-list'))
        self.serve(f'{path}/rehearsals', sample('rehearsals-list'))
        self.serve('/migrations', {'migrations': [migration]})

    def text(self, response):
        """Return what a page says, without markup."""
        text = re.sub(r'<[^>]*>', ' ', response.content.decode())
        return re.sub(r'\s+', ' ', text)
