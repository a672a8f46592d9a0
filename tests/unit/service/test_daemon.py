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

"""What daemons do before they serve."""

import resource
import types

import testtools

from migrate_service.cmd import daemon


class TestDaemon(testtools.TestCase):
    def test_no_core_is_dumped(self):
        limits = []

        def launch(conf, served, **options):
            limits.append(resource.getrlimit(resource.RLIMIT_CORE))
            return types.SimpleNamespace(wait=lambda: 0)

        self.patch(daemon.service, 'launch', launch)
        self.patch(
            daemon.guru.TextGuruMeditation, 'setup_autorun', lambda *_, **__: 0
        )

        self.patch(
            daemon.migrate_conf,
            'prepare',
            lambda program, argv: daemon.migrate_conf.cfg.ConfigOpts(),
        )
        self.assertEqual(0, daemon.run('migrate-test', [], 'topic', None))
        self.assertEqual([(0, 0)], limits)
