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

"""What is plugged is unplugged, whatever happens meanwhile."""

import subprocess
import types
from unittest import mock

import testtools

from migrate_service.worker import plugging

PORT = {
    'id': '0123456789abcdef',
    'mac': 'fa:16:3e:00:00:01',
    'addresses': ['10.0.0.9', 'fd00::9'],
    'peers': ['10.0.0.5'],
}


def options(name):
    """Return the group ``[worker]`` of a node."""
    return types.SimpleNamespace(
        name=name, probe_ovsdb_connection='unix:/db.sock'
    )


class Host:
    """The bridge and the namespaces of a node."""

    def __init__(self, fails_at=None):
        self.ports = {}
        self.namespaces = {}
        self.fails_at = fails_at

    def run(self, argv, **options):
        argv = [word for word in argv if word not in ('sudo', '-n')]
        failed = bool(self.fails_at) and self.fails_at in argv
        output = '' if failed else self.act(argv)
        return subprocess.CompletedProcess(
            argv, int(failed), stdout=output or '', stderr='refused'
        )

    def act(self, argv):
        if argv[0] == 'ovs-vsctl':
            return self.bridge(argv)
        namespace = argv[-1] if argv[1] == 'netns' else None
        if argv[1:3] == ['netns', 'add']:
            self.namespaces[namespace] = []
        elif argv[1:3] == ['netns', 'del']:
            del self.namespaces[namespace]
        elif '-n' in argv or argv[2] in self.namespaces:
            self.namespaces[argv[2]].append(argv[3:])
        return None

    def bridge(self, argv):
        if 'add-port' in argv:
            self.ports[argv[argv.index('add-port') + 2]] = argv
        elif 'del-port' in argv:
            self.ports.pop(argv[-1], None)
        elif 'find' in argv:
            mark = argv[-1]
            return '\n'.join(
                name for name, words in self.ports.items() if mark in words
            )
        return None


class TestPlugging(testtools.TestCase):
    def host(self, **values):
        host = Host(**values)
        for target, attribute, replacement in (
            (plugging.subprocess, 'run', host.run),
            (
                plugging.os.path,
                'exists',
                lambda path: path.rpartition('/')[2] in host.namespaces,
            ),
            (plugging.os, 'geteuid', lambda: 0),
        ):
            patch = mock.patch.object(target, attribute, replacement)
            patch.start()
            self.addCleanup(patch.stop)
        return host

    def test_a_port_is_there_and_gone(self):
        host = self.host()
        with plugging.plugged(options('node-1'), [PORT]) as namespace:
            ((name, words),) = host.ports.items()
            self.assertLessEqual(len(name), 15)
            self.assertIn(f'external_ids:iface-id={PORT["id"]}', words)
        self.assertEqual('mig0123456789a', namespace)
        self.assertEqual(({}, {}), (host.ports, host.namespaces))

    def test_a_command_that_fails_leaves_nothing(self):
        host = self.host(fails_at='link')
        with testtools.ExpectedException(OSError, '.*refused'):
            with plugging.plugged(options('node-1'), [PORT]):
                self.fail('it was not plugged')
        self.assertEqual(({}, {}), (host.ports, host.namespaces))

    def test_what_a_killed_process_left_is_found_by_its_worker(self):
        host = self.host()
        for worker in ('node-1', 'node-2'):
            plugging._run('ip', 'netns', 'add', plugging.name_of(PORT))
            plugging._plug(options(worker), plugging.name_of(PORT), PORT)
        plugging.clean(options('node-1'))
        self.assertEqual(1, len(host.ports))
        plugging.clean(options('node-2'))
        self.assertEqual(({}, {}), (host.ports, host.namespaces))

    def test_who_is_not_root_asks_sudo(self):
        self.host()
        with mock.patch.object(plugging.os, 'geteuid', lambda: 1000):
            self.assertEqual(
                ['sudo', '-n', 'ip', 'link'], plugging.privileged('ip', 'link')
            )
