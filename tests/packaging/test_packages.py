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

"""What an operator gets: wheel and sdist, installed and started."""

import os
import pathlib
import subprocess
import tarfile
import tempfile
import zipfile

import testtools

from tests.lab import install
from tests.lab import settings

PACKAGES = ('migrate_service', 'migrate_client', 'migrate_dashboard')
#: What each kind of host starts, and shows that it can.
ON_A_CONTROLLER = (
    ('migrate-conductor', '--help'),
    ('migrate-manage', '--help'),
    ('migrate-status', '--help'),
    ('python', '-c', 'from migrate_client.osc import migration'),
)
ON_A_NODE = (('migrate-worker', '--help'), ('migrate-node', '--help'))
WSGI = 'from migrate_service.wsgi import api'


def run(*command, **options):
    """Run a command and return what it wrote; raise if it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    if done.returncode:
        raise AssertionError(
            f'{command} ended with {done.returncode}: '
            f'{done.stdout[-2000:]}{done.stderr[-4000:]}'
        )
    return done.stdout


def uv(*words):
    environment = {'UV_CACHE_DIR': str(settings.CACHE / 'uv')}
    return run(install.UV, '--quiet', *words, env=os.environ | environment)


class TestPackages(testtools.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix='migrate-packages-')
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        # A clone: building writes into the tree that it builds.
        run('git', 'clone', '--quiet', settings.CHECKOUT, cls.folder / 'clone')
        uv('build', '--out-dir', cls.folder / 'dist', cls.folder / 'clone')
        (cls.wheel,) = (cls.folder / 'dist').glob('*.whl')
        (cls.sdist,) = (cls.folder / 'dist').glob('*.tar.gz')

    def tracked(self, *folders):
        """Return the files of the repository below ``folders``."""
        clone = self.folder / 'clone'
        text = run('git', 'ls-files', *folders, cwd=clone)
        return set(text.splitlines())

    def environment(self, package, extra='', options=()):
        """Install ``package`` into a new environment; return its bin.

        :param options: of ``uv venv``.
        """
        folder = self.folder / self.id().rpartition('.')[2]
        uv('venv', '--python', install.PYTHON, *options, folder)
        python = folder / 'bin' / 'python'
        uv(
            'pip', 'install', '--python', python,
            '--constraint', install.CONSTRAINTS,
            f'openstack-migrate{extra} @ {package.as_uri()}',
        )  # fmt: skip
        uv('pip', 'check', '--python', python)
        return folder / 'bin'

    def start(self, programs, commands):
        for command in commands:
            run(programs / command[0], *command[1:], cwd=self.folder)

    def test_no_file_is_missing_from_the_wheel(self):
        with zipfile.ZipFile(self.wheel) as wheel:
            inside = set(wheel.namelist())
        self.assertEqual(set(), self.tracked(*PACKAGES) - inside)

    def test_the_wheel_holds_nothing_else(self):
        with zipfile.ZipFile(self.wheel) as wheel:
            top = {name.partition('/')[0] for name in wheel.namelist()}
        others = {name for name in top if not name.endswith('.dist-info')}
        self.assertEqual(set(PACKAGES), others)

    def test_no_file_is_missing_from_the_sdist(self):
        with tarfile.open(self.sdist) as sdist:
            inside = {name.partition('/')[2] for name in sdist.getnames()}
        # pbr leaves this one out.
        self.assertEqual({'.gitignore'}, self.tracked() - inside)

    def test_a_controller(self):
        programs = self.environment(self.wheel)
        self.start(programs, [*ON_A_CONTROLLER, ('python', '-c', WSGI)])

    def test_a_controller_from_the_sdist(self):
        programs = self.environment(self.sdist)
        self.start(programs, ON_A_CONTROLLER[:1])

    def test_a_conversion_node(self):
        # libnbd and libguestfs have no packages on PyPI.
        options = ('--system-site-packages',)
        programs = self.environment(self.wheel, '[worker]', options)
        self.start(programs, ON_A_NODE)

    def test_a_dashboard(self):
        programs = self.environment(self.wheel, '[dashboard]')
        self.start(programs, [('python', '-c', 'import migrate_dashboard')])
