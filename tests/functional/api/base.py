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

"""The whole WSGI application on an empty database, without a bus."""

import fixtures
import testtools
from werkzeug import test

from migrate_service import context as migrate_context
from migrate_service import secret_store
from migrate_service.api import app
from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import machines as machines_db
from tests import fixtures as migrate_fixtures

NETWORK = {'key': 'network-1', 'name': 'VM Network', 'vlan': 7}
DATASTORE = {
    'key': 'datastore-1',
    'name': 'nfs-1',
    'kind': 'NFS',
    'capacity': 2**40,
    'free': 2**39,
}
TARGET = '2b1a4c3e-5c0f-4a0e-8f5f-0d9d4a3a1b2c'
SOURCE = {
    'name': 'vcenter',
    'driver': 'fake',
    'address': 'vcenter.test',
    'username': 'user',
    'password': 'geheim',
}


class Api(fixtures.Fixture):
    """The API; ``client`` is werkzeug's test client of it.

    :param config: a ``tests.fixtures.Config``; its database is set up.
    """

    def __init__(self, config):
        super().__init__()
        self.config = config

    def _setUp(self):
        conf = self.config.conf
        secret_store.create_key(conf.secrets.key_directory)
        self.app = app.create(conf)
        self.client = test.Client(self.app)

    def request(
        self, method, path, role='manager', project='project-a', **kwargs
    ):
        """Send a request as a persona; return werkzeug's response."""
        headers = {
            'X-User-Id': f'{role}-of-{project}',
            'X-Project-Id': project,
            'X-Roles': role,
        } | kwargs.pop('headers', {})
        return self.client.open(path, method=method, headers=headers, **kwargs)

    def create_source(self, **values):
        """Register a source and return its id."""
        body = {'source': SOURCE | values}
        response = self.request('POST', '/v1/sources', json=body)
        assert response.status_code == 202, response.text  # noqa: S101
        return response.json['source']['id']

    def ready_source(self, *machines):
        """Register a source and pretend that a worker read it."""
        id = self.create_source()
        context = migrate_context.service_context()
        machines_db.store(
            context,
            id,
            None,
            0,
            {
                'machines': machines or [machine()],
                'networks': [NETWORK],
                'datastores': [DATASTORE],
            },
        )
        values = {
            'status': 'ready',
            'inventory_at': models.now(),
            'refresh_requested_at': None,
        }
        leases.update(context, models.Source, id, values)
        return id

    def create_migration(self, source_id, **values):
        """Create a migration and return the response."""
        values = {
            'source_id': source_id,
            'machine_id': 'vm-1',
            'networks': [{'source': 'network-1', 'network_id': TARGET}],
        } | values
        return self.request(
            'POST', '/v1/migrations', 'member', json={'migration': values}
        )


def machine(key='vm-1', disk=None, nic=None, **values):
    """Return a machine of an inventory that can be moved."""
    return {
        'key': key,
        'name': f'Web {key}/ä',
        'power_state': 'on',
        'uuid': None,
        'folder': '/dc/web',
        'cluster': 'cluster-1',
        'host': 'esxi-1',
        'resource_pool': 'pool',
        'guest_id': 'debian11_64Guest',
        'guest_name': 'Debian',
        'guest_family': 'linux',
        'hostname': 'web',
        'cpus': 2,
        'memory_mib': 2048,
        'firmware': 'bios',
        'secure_boot': False,
        'tpm': False,
        'encrypted': False,
        'template': False,
        'tools': 'running',
        'hardware_version': 'vmx-19',
        'change_tracking': True,
        'snapshots': 0,
        'consolidation_needed': False,
        'connection_state': 'connected',
        'tags': ['prod'],
        'disks': [
            {
                'key': '2000',
                'label': 'Hard disk 1',
                'size': 2**30,
                'datastore': 'datastore-1',
                'path': '[nfs-1] web/web.vmdk',
                'kind': 'flat',
                'mode': 'persistent',
                'sharing': 'sharingNone',
                'thin': True,
                'has_parent': False,
                'controller': 'ParaVirtualSCSIController',
                'unit': 0,
                'encrypted': False,
                'change_id': None,
            }
            | (disk or {})
        ],
        'nics': [
            {
                'key': '4000',
                'label': 'Network adapter 1',
                'mac': '00:50:56:aa:bb:01',
                'network': 'network-1',
                'model': 'Vmxnet3',
                'connected': True,
                'addresses': ['192.0.2.7'],
            }
            | (nic or {})
        ],
    } | values


class TestCase(testtools.TestCase):
    """Has ``api`` and, for what workers would do, ``context``."""

    def setUp(self):
        super().setUp()
        self.config = self.useFixture(migrate_fixtures.Config())
        self.conf = self.config.conf
        self.useFixture(migrate_fixtures.Database(self.conf))
        self.api = self.useFixture(Api(self.config))
        self.context = migrate_context.service_context()

    def assert_error(self, response, status, code, text=''):
        """Compare what went wrong; ``text`` is part of the message."""
        self.assertEqual(status, response.status_code, response.text)
        (entry,) = response.json['errors']
        self.assertEqual((code, status), (entry['code'], entry['status']))
        self.assertEqual(response.json['message'], entry['detail'])
        self.assertIn(text, entry['detail'])
        self.assertTrue(entry['remedy'])
        self.assertEqual(
            response.headers['X-Openstack-Request-Id'], entry['request_id']
        )
