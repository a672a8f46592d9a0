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


"""Runs the real commands against a service that requests_mock plays."""

import contextlib
import importlib
import io
import json
import logging
import pathlib
import tomllib

import fixtures
import openstack
import requests_mock
import testtools
from keystoneauth1 import fixture as keystone_fixture
from osc_lib import clientmanager
from osc_lib import shell
from osc_lib.command import commandmanager

from migrate_client import service
from migrate_client.osc import plugin
from migrate_client.osc import wait

KEYSTONE = 'http://keystone.test/v3'
MIGRATION = 'http://migration.test'
NETWORK = 'http://network.test'
COMPUTE = 'http://compute.test/v2.1'
VOLUME = 'http://volume.test'

_PYPROJECT = pathlib.Path(__file__).parents[3] / 'pyproject.toml'


def entry_points():
    """Return ``{words of the command: 'module:class'}``, as packaged."""
    project = tomllib.loads(_PYPROJECT.read_text())['project']
    commands = project['entry-points']['openstack.migration.v1']
    return {
        name.replace('_', ' '): target for name, target in commands.items()
    }


class ClientManager(clientmanager.ClientManager):
    @property
    def migration(self):
        return plugin.make_client(self)


class Shell(shell.OpenStackShell):
    """The shell of osc-lib with our commands and nothing else."""

    def __init__(self, stderr):
        super().__init__(
            command_manager=commandmanager.CommandManager('tests.none')
        )
        self.stdout = io.StringIO()
        self.stderr = stderr
        self._auth_type = 'password'

    def build_option_parser(self, *args, **kwargs):
        parser = super().build_option_parser(*args, **kwargs)
        for name in ('auth-url', 'username', 'password', 'project-name'):
            parser.add_argument(f'--os-{name}')
        return plugin.build_option_parser(parser)

    def _load_commands(self):
        for name, target in entry_points().items():
            module, _, attribute = target.partition(':')
            command = getattr(importlib.import_module(module), attribute)
            self.command_manager.add_command(name, command)

    def initialize_app(self, argv):
        super().initialize_app(argv)
        self.client_manager = ClientManager(
            cli_options=self.cloud,
            api_version=self.api_version,
            pw_func=shell.prompt_for_password,
        )


class Terminal(io.StringIO):
    def isatty(self):
        return True


class TestCase(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.TempHomeDir())
        self.useFixture(fixtures.MonkeyPatch(f'{wait.__name__}.INTERVAL', 0))
        self.useFixture(fixtures.NestedTempfile())
        self.web = self.useFixture(_Web()).mock

    def connect(self):
        """Return the ``migration`` proxy of a real SDK connection."""
        connection = openstack.connection.Connection(
            auth={
                'auth_url': KEYSTONE,
                'username': 'ann',
                'password': 'secret',
                'project_name': 'tenant-a',
                'user_domain_id': 'default',
                'project_domain_id': 'default',
            },
        )
        self.addCleanup(connection.close)
        return service.attach(connection)

    def run_command(self, *argv, stderr=None):
        """Run ``openstack migration …``; return code, stdout, stderr."""
        stderr = stderr or io.StringIO()
        app = Shell(stderr)
        root = logging.getLogger()
        handlers = list(root.handlers)
        with contextlib.redirect_stderr(stderr):
            try:
                code = app.run([*_login(), 'migration', *argv])
            except SystemExit as exit:
                code = exit.code
            finally:
                root.handlers[:] = handlers
        return code, app.stdout.getvalue(), stderr.getvalue()

    def succeed(self, *argv):
        """Run a command with ``-f json`` where it prints; return that."""
        code, out, err = self.run_command(*argv)
        self.assertEqual(0, code, err)
        return json.loads(out) if '-f' in argv and 'json' in argv else out

    def sent(self, method, path):
        """Return the bodies sent to a path of the service, in order."""
        return [
            request.json() if request.body else None
            for request in self.web.request_history
            if request.method == method
            and request.hostname == 'migration.test'
            and request.path == path
        ]

    def queries(self, path):
        """Return the queries of the GETs of a path, in order."""
        return [
            request.qs
            for request in self.web.request_history
            if request.method == 'GET' and request.path == path
        ]


class _Web(fixtures.Fixture):
    """Keystone and the discovery documents of the services."""

    def _setUp(self):
        self.mock = requests_mock.Mocker(case_sensitive=True)
        self.mock.start()
        self.addCleanup(self.mock.stop)
        token = keystone_fixture.V3Token(project_id='tenant-a')
        for kind, url in (
            ('migration', MIGRATION),
            ('network', NETWORK),
            ('compute', COMPUTE),
            ('block-storage', VOLUME),
            ('identity', KEYSTONE),
        ):
            token.add_service(kind, name=kind).add_standard_endpoints(
                public=url, region='one'
            )
        self.mock.post(
            f'{KEYSTONE}/auth/tokens',
            json=token,
            headers={'X-Subject-Token': 'token'},
        )
        self.mock.get(
            KEYSTONE, json={'version': keystone_fixture.V3Discovery(KEYSTONE)}
        )
        self._versions(MIGRATION, '/v1/', 'v1', '1.0')
        self._versions(NETWORK, '/v2.0/', 'v2.0', '')
        self._versions(COMPUTE, '/', 'v2.1', '2.96')
        self._versions(VOLUME, '/v3/', 'v3.0', '3.70')

    def _versions(self, url, path, version, microversion):
        document = {
            'id': version,
            'status': 'CURRENT',
            'min_version': microversion and '1.0',
            'max_version': microversion,
            'version': microversion,
            'links': [{'rel': 'self', 'href': f'{url}{path}'}],
        }
        self.mock.get(url, json={'versions': [document]})
        self.mock.get(f'{url}/', json={'versions': [document]})
        self.mock.get(f'{url}{path}', json={'version': document})


def _login():
    return [
        *('--os-auth-url', KEYSTONE, '--os-username', 'ann'),
        *('--os-password', 'secret', '--os-project-name', 'tenant-a'),
        *('--os-default-domain', 'default'),
    ]
