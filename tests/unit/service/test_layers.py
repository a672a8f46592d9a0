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

"""Imports point down only, and no module grows beyond a screenful or ten."""

import ast
import pathlib

import testtools

ROOT = pathlib.Path(__file__).parents[3]
PACKAGES = ('migrate_service', 'migrate_client', 'migrate_dashboard')
LIMIT = 400

#: What the modules below the first may not import.
FORBIDDEN = {
    'migrate_client': ('migrate_service', 'migrate_dashboard'),
    'migrate_dashboard': ('migrate_service',),
    'migrate_service': ('migrate_client', 'migrate_dashboard', 'tests'),
    'migrate_service.api': (
        'migrate_service.worker',
        'migrate_service.drivers',
        'migrate_service.transfer',
        'migrate_service.convert',
        'migrate_service.conductor.manager',
        'migrate_service.cmd',
    ),
    'migrate_service.conductor': (
        'migrate_service.api',
        'migrate_service.drivers',
        'migrate_service.transfer',
        'migrate_service.convert',
        'migrate_service.worker.manager',
        'migrate_service.worker.work',
        'migrate_service.worker.steps',
        'migrate_service.cmd',
    ),
    'migrate_service.worker': (
        'migrate_service.api',
        'migrate_service.db',
        'migrate_service.conductor.manager',
        'migrate_service.conductor.leases',
        'migrate_service.cmd',
    ),
    'migrate_service.drivers': (
        'migrate_service.api',
        'migrate_service.conductor',
        'migrate_service.db',
        'migrate_service.worker',
    ),
    'migrate_service.transfer': (
        'migrate_service.api',
        'migrate_service.conductor',
        'migrate_service.convert',
        'migrate_service.db',
        'migrate_service.drivers',
        'migrate_service.worker',
    ),
    'migrate_service.convert': (
        'migrate_service.api',
        'migrate_service.conductor',
        'migrate_service.db',
        'migrate_service.drivers',
        'migrate_service.transfer',
        'migrate_service.worker',
    ),
    'migrate_service.node': (
        'migrate_service.api',
        'migrate_service.conductor',
        'migrate_service.db',
        'migrate_service.worker',
        'migrate_service.cmd',
    ),
    'migrate_service.concerns': (
        'migrate_service.api',
        'migrate_service.conductor',
        'migrate_service.convert',
        'migrate_service.db',
        'migrate_service.drivers',
        'migrate_service.transfer',
        'migrate_service.worker',
    ),
    'migrate_service.db': (
        'migrate_service.api',
        'migrate_service.conductor',
        'migrate_service.drivers',
        'migrate_service.worker',
    ),
}
#: At the bottom: they know only each other.
BOTTOM = ('states', 'pipelines', 'exceptions', 'inventory', 'context', 'rpc')


def modules():
    """Yield ``(dotted name, path)`` of all modules of the packages."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob('*.py')):
            parts = path.relative_to(ROOT).with_suffix('').parts
            if parts[-1] == '__init__':
                parts = parts[:-1]
            yield '.'.join(parts), path


def imports(path):
    """Yield the dotted names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f'{node.module}.{alias.name}' for alias in node.names)


def within(name, package):
    return name == package or name.startswith(f'{package}.')


class TestLayers(testtools.TestCase):
    def test_imports_point_down(self):
        wrong = [
            f'{name} imports {imported}'
            for name, path in modules()
            for package, forbidden in FORBIDDEN.items()
            if within(name, package)
            for imported in imports(path)
            if any(within(imported, one) for one in forbidden)
        ]
        self.assertEqual([], wrong)

    def test_the_bottom_stands_alone(self):
        allowed = {f'migrate_service.{name}' for name in BOTTOM}
        wrong = [
            f'{name} imports {imported}'
            for name, path in modules()
            if name in allowed
            for imported in imports(path)
            if imported.startswith('migrate_service.')
            and imported not in allowed
        ]
        self.assertEqual([], wrong)

    def test_no_module_is_too_long(self):
        folders = (*PACKAGES, 'tests', 'tools')
        long = {
            str(path.relative_to(ROOT)): length
            for folder in folders
            for ending in ('py', 'go')
            for path in (ROOT / folder).rglob(f'*.{ending}')
            if (length := len(path.read_text().splitlines())) > LIMIT
        }
        self.assertEqual({}, long)

    def test_the_test_sees_something(self):
        self.assertGreater(len(list(modules())), 50)
