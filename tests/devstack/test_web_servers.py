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
"""The API as ``etc/`` has it: in uwsgi, behind Apache and behind nginx."""

import json
import pathlib
import tempfile
import unittest
import urllib.error
import urllib.request

from tests.devstack import stand_in
from tests.lab import daemons
from tests.lab import settings

ETC = settings.CHECKOUT / 'etc'
#: Nobody authenticates, and nothing of a cloud is needed.
CONFIGURATION = """\
[DEFAULT]
transport_url = fake:/
[database]
connection = sqlite:///{folder}/migrate.sqlite
[api]
auth_strategy = noauth
"""
NGINX = """\
daemon off;
user www-data;
pid {folder}/server.pid;
error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    uwsgi_temp_path {folder}/uwsgi;
    server {{
        listen {host}:{port};
        include {folder}/nginx-migrate.conf;
    }}
}}
"""
HEADERS = {'X-User-Id': 'me', 'X-Project-Id': 'mine', 'X-Roles': 'reader'}


class TestWebServers(unittest.TestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix='migrate-web-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        # The web servers run as www-data.
        self.folder.chmod(0o755)
        self.start_api()

    def example(self, name):
        """Return an example with our folder in the place of /run/migrate."""
        return (
            (ETC / name).read_text().replace('/run/migrate', str(self.folder))
        )

    def daemon(self, name, *argv, **env):
        """Start a program that is stopped at the end."""
        one = daemons.Daemon(name, argv, self.folder, self.folder, env=env)
        self.addCleanup(one.stop)
        one.start()
        return one

    def start_api(self):
        config = self.folder / 'migrate-api.conf'
        config.write_text(CONFIGURATION.format(folder=self.folder))
        ini = self.folder / 'uwsgi.ini'
        text = self.example('uwsgi/uwsgi.ini')
        ini.write_text(text.replace('processes = 4', 'processes = 1'))
        path = f'{settings.VENV}/bin:/usr/sbin:/usr/bin:/sbin:/bin'
        self.api = self.daemon(
            'api',
            settings.VENV / 'bin' / 'uwsgi',
            *('--ini', ini),
            PATH=path,
            MIGRATE_CONFIG_FILES=config,
        )
        daemons.wait_for(
            'uwsgi', (self.folder / 'api.socket').exists, daemon=self.api
        )

    def ask(self, path):
        url = f'http://{settings.HOST}:{stand_in.PORT}/migration{path}'
        request = urllib.request.Request(url, headers=HEADERS)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def see_the_api(self, server):
        daemons.wait_for(
            'the web server',
            lambda: daemons.listening(stand_in.PORT),
            daemon=server,
        )
        (version,) = self.ask('/')['versions']
        link = version['links'][0]
        # Links name the path that clients come by.
        self.assertIn(':15982/migration/v1', link['href'])
        self.assertEqual('v1', self.ask('/v1/')['version']['id'][:2])
        # The schema was not made: the answer is ours all the same.
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.ask('/v1/nothing')
        self.assertEqual(404, caught.exception.code)
        self.assertIn('errors', json.load(caught.exception))
        caught.exception.close()

    def test_apache(self):
        config = self.folder / 'apache.conf'
        config.write_text(
            stand_in.apache_modules()
            + f'ServerRoot {self.folder}\nServerName {settings.HOST}\n'
            f'Listen {settings.HOST}:{stand_in.PORT}\n'
            f'PidFile {self.folder}/server.pid\n'
            f'ErrorLog {self.folder}/apache.log\n'
            f'DefaultRuntimeDir {self.folder}\n'
            'User www-data\nGroup www-data\n'
            + self.example('apache2/migrate.conf')
        )
        command = ('apache2', '-f', config, '-DFOREGROUND')
        self.see_the_api(self.daemon('apache', *command))

    def test_nginx(self):
        example = self.folder / 'nginx-migrate.conf'
        example.write_text(
            self.example('nginx/migrate.conf').replace(
                'include uwsgi_params', 'include /etc/nginx/uwsgi_params'
            )
        )
        config = self.folder / 'nginx.conf'
        config.write_text(
            NGINX.format(
                folder=self.folder, host=settings.HOST, port=stand_in.PORT
            )
        )
        self.see_the_api(self.daemon('nginx', 'nginx', '-c', config))
