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

import os

import fixtures
import testtools

from migrate_service.node import acceleration
from migrate_service.node import findings

PROGRAM = '#!/bin/sh\n{}\n'


class TestAcceleration(testtools.TestCase):
    def qemu(self, script):
        """Put a stand-in for qemu first on the path."""
        folder = self.useFixture(fixtures.TempDir()).path
        path = os.path.join(folder, acceleration.QEMU)
        with open(path, 'w') as stream:
            stream.write(PROGRAM.format(script))
        os.chmod(path, 0o755)
        path = f'{folder}{os.pathsep}{os.environ["PATH"]}'
        self.useFixture(fixtures.EnvironmentVariable('PATH', path))
        device = 'migrate_service.node.acceleration.DEVICE'
        self.useFixture(fixtures.MonkeyPatch(device, '/dev/null'))

    def test_the_guest_runs_in_a_real_qemu(self):
        self.assertIsNone(acceleration.why_not('tcg', patience=60))

    def test_a_guest_that_hangs(self):
        self.qemu('exec sleep 60')
        self.assertEqual(
            'a guest hangs, for 0.2 seconds',
            acceleration.why_not('kvm', patience=0.2),
        )

    def test_works(self):
        self.qemu('exit 33')
        environment = {}
        finding = acceleration.settle(environment)
        self.assertEqual(findings.OK, finding.status)
        self.assertEqual({}, environment)

    def test_aborts(self):
        self.qemu('echo "qemu-system-x86_64: no MSR" >&2; kill -ABRT $$')
        environment = {acceleration.SETTINGS: 'network_bridge=br0'}
        finding = acceleration.settle(environment)
        self.assertEqual(findings.WARNING, finding.status)
        self.assertIn(
            'cannot be used: qemu-system-x86_64: no MSR', str(finding)
        )
        self.assertEqual(
            {acceleration.SETTINGS: 'network_bridge=br0:force_tcg'},
            environment,
        )

    def test_what_the_operator_set_stays(self):
        self.qemu('exit 1')
        environment = {acceleration.SETTINGS: acceleration.TCG}
        acceleration.settle(environment)
        self.assertEqual(acceleration.TCG, environment[acceleration.SETTINGS])

    def test_no_device(self):
        device = 'migrate_service.node.acceleration.DEVICE'
        self.useFixture(fixtures.MonkeyPatch(device, '/nonexistent'))
        finding = acceleration.check()
        self.assertEqual(findings.WARNING, finding.status)
        self.assertIn('no /dev/kvm', finding.detail)
