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

import json
import os
import pathlib
import socket
import subprocess
import sys

import fixtures
import testtools

from migrate_service import conf as migrate_conf
from migrate_service import secret_store
from migrate_service.node import capacity
from migrate_service.node import checks
from migrate_service.node import findings
from migrate_service.node import reach
from migrate_service.node import tools

GIB = 1024**3


class TestTools(testtools.TestCase):
    def program(self, text):
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        path = folder / 'nbdkit'
        path.write_text(f'#!/bin/sh\necho "{text}"\n')
        path.chmod(0o755)
        path = f'{folder}{os.pathsep}{os.environ["PATH"]}'
        self.useFixture(fixtures.EnvironmentVariable('PATH', path))

    def test_versions(self):
        for text, version in (
            ('nbdkit 1.32.5 (nbdkit-1.32.5-1)', (1, 32, 5)),
            ('*** Zstandard CLI (64-bit) v1.5.4, by Yann Collet', (1, 5, 4)),
            ('setpriv from util-linux 2.38.1', (2, 38, 1)),
            ('qemu-nbd 7.2', (7, 2)),
            ('none', None),
        ):
            self.assertEqual(version, tools.version_in(text), text)

    def test_a_program_that_is_there(self):
        self.program('nbdkit 1.40.2')
        found = tools.program_finding('nbdkit', '--version', (1, 32))
        self.assertEqual(findings.OK, found.status)

    def test_a_program_that_is_old(self):
        self.program('nbdkit 1.30.1')
        found = tools.program_finding('nbdkit', '--version', (1, 32))
        self.assertEqual(findings.WARNING, found.status)
        self.assertIn('1.30.1 is older than 1.32', found.detail)

    def test_a_program_that_is_absent(self):
        found = tools.program_finding('nbdkit-2', '--version', (1, 32))
        self.assertEqual(findings.FAILED, found.status)

    def test_a_module_that_is_absent(self):
        found = tools.module_finding('no_such_module', 'python3-libnbd')
        self.assertEqual(findings.FAILED, found.status)
        self.assertIn('python3-libnbd', found.remedy)

    def test_the_kernel_of_the_appliance(self):
        for name in ('SUPERMIN_KERNEL', 'LIBGUESTFS_PATH'):
            self.useFixture(fixtures.EnvironmentVariable(name))
        boot = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        absent = tools.appliance_finding(boot)
        self.assertEqual(findings.FAILED, absent.status)
        (boot / 'vmlinuz-6.1').touch()
        self.assertEqual(findings.OK, tools.appliance_finding(boot).status)


class TestCapacity(testtools.TestCase):
    def test_memory(self):
        for slots, available, status in (
            (2, 4 * GIB, findings.OK),
            (2, 3.8 * GIB, findings.OK),
            (2, 3 * GIB, findings.WARNING),
        ):
            found = capacity.memory(slots, int(available))
            self.assertEqual(status, found.status, found.detail)

    def test_a_workdir_that_is_to_be_made(self):
        folder = self.useFixture(fixtures.TempDir()).path
        found = capacity.workdir(f'{folder}/a/b', 1)
        self.assertEqual(findings.OK, found.status, found.detail)

    def test_a_workdir_that_is_too_small(self):
        folder = self.useFixture(fixtures.TempDir()).path
        found = capacity.workdir(folder, 10**9)
        self.assertEqual(findings.FAILED, found.status)


class TestReach(testtools.TestCase):
    def conf(self, *allowed):
        conf = migrate_conf.prepare('migrate-worker', [], [])
        conf.set_override('allowed_networks', allowed, 'vsphere')
        return conf

    def test_split(self):
        for text, expected in (
            ('vc.example.org', ('vc.example.org', 443)),
            ('vc.example.org:8443', ('vc.example.org', 8443)),
            ('[2001:db8::1]:444', ('2001:db8::1', 444)),
        ):
            self.assertEqual(expected, reach.split(text))

    def test_a_source_that_may_not_be_used(self):
        (found,) = reach.source(self.conf(), '127.0.0.1')
        self.assertEqual(findings.FAILED, found.status)
        self.assertIn('loopback', found.detail)

    def test_a_source_that_refuses(self):
        with socket.create_server(('127.0.0.1', 0)) as server:
            port = server.getsockname()[1]
        (found,) = reach.source(self.conf('127.0.0.0/8'), f'127.0.0.1:{port}')
        self.assertEqual(findings.FAILED, found.status)
        self.assertIn('refused', found.detail)

    def test_without_an_account(self):
        found = reach.keystone(self.conf())
        self.assertEqual(findings.FAILED, found.status)


class TestCommand(testtools.TestCase):
    def setUp(self):
        super().setUp()
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.keys = folder / 'keys'
        self.file = folder / 'migrate.conf'
        self.file.write_text(
            f'[worker]\nworkdir = {folder}\n'
            f'[secrets]\nkey_directory = {self.keys}\n'
        )

    def run_check(self):
        """Run it in a process of its own: it chooses the threads."""
        done = subprocess.run(
            [sys.executable, '-m', 'migrate_service.cmd.node']
            + ['--config-file', self.file, 'check', '-f', 'json'],
            capture_output=True,
            check=False,
        )
        found = json.loads(done.stdout)
        return done.returncode, {one['check']: one for one in found}

    def test_each_problem_has_a_remedy(self):
        code, found = self.run_check()
        self.assertEqual(1, code)
        self.assertEqual(findings.FAILED, found['keys']['status'])
        for one in found.values():
            self.assertEqual(
                one['status'] == findings.OK, one['remedy'] is None, one
            )

    def test_keys(self):
        secret_store.create_key(self.keys)
        self.assertEqual(findings.OK, self.run_check()[1]['keys']['status'])

    def test_facts_tell_problems_only(self):
        conf = migrate_conf.prepare(
            'migrate-worker', [f'--config-file={self.file}'], []
        )
        kvm = findings.warning('kvm', 'It hangs.', 'Use another host.')
        facts = checks.facts(conf, kvm)
        self.assertEqual('tcg', facts['accelerator'])
        self.assertIn(vars(kvm), facts['problems'])
        self.assertNotIn(
            findings.OK, {one['status'] for one in facts['problems']}
        )
