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
"""What the documentation is generated from holds what there is."""

import ast
import pathlib
import re

import fixtures
import testtools
from oslo_config import cfg
from oslo_config import generator as config_generator
from oslo_policy import generator as policy_generator

from migrate_service import conf as migrate_conf
from migrate_service import limits
from migrate_service import policies
from migrate_service.concerns import registry
from migrate_service.conf import opts
from migrate_service.metrics import families
from tools import concerns
from tools import error_codes

ROOT = pathlib.Path(__file__).resolve().parents[2]


def text_of_codes():
    return '\n'.join(error_codes.lines())


def codes_in_the_tree():
    """Return the codes that classes of the service give themselves."""
    return {
        statement.value.value
        for path in (ROOT / 'migrate_service').rglob('*.py')
        for kind in ast.walk(ast.parse(path.read_text()))
        if isinstance(kind, ast.ClassDef)
        for statement in kind.body
        if isinstance(statement, ast.Assign)
        and statement.targets[0].id == 'code'
    }


class TestErrorCodes(testtools.TestCase):
    def test_every_code_in_the_tree_is_listed(self):
        listed = re.findall(r'^``(\w+\.\w+)``$', text_of_codes(), re.MULTILINE)
        self.assertEqual(codes_in_the_tree(), set(listed))

    def test_values_are_names_in_angle_brackets(self):
        self.assertNotIn('%(', text_of_codes())
        self.assertIn('The source *<address>*\\  does not', text_of_codes())


class TestConcerns(testtools.TestCase):
    def test_every_rule_is_listed(self):
        text = '\n'.join(concerns.lines())
        listed = re.findall(r'^``(concern\.\w+)``$', text, re.MULTILINE)
        self.assertEqual([rule.code for rule in registry.rules()], listed)
        self.assertNotIn('%(', text)


class TestLimits(testtools.TestCase):
    def test_every_resource_is_told(self):
        text = (ROOT / 'doc/source/admin/limits.rst').read_text()
        told = re.findall(r'^``(migration_\w+)``', text, re.MULTILINE)
        self.assertEqual(list(limits.RESOURCES), told)


class TestMetrics(testtools.TestCase):
    def test_every_family_is_told(self):
        text = (ROOT / 'doc/source/admin/metrics.rst').read_text()
        told = re.findall(
            r'^``(\w+)(?:\{(.*)\})?`` \((\w+)\)\n    (.*(?:\n    .*)*)$',
            text,
            re.MULTILINE,
        )
        expected = [
            (
                family.name,
                ', '.join(family.labels),
                family.kind,
                family.text,
            )
            for family in (*families.CONDUCTOR, *families.WORKER)
        ]
        found = [
            (name, labels, kind, ' '.join(sentence.split()))
            for name, labels, kind, sentence in told
        ]
        self.assertEqual(expected, found)


class TestSamples(testtools.TestCase):
    def setUp(self):
        super().setUp()
        folder = self.useFixture(fixtures.TempDir())
        self.sample = pathlib.Path(folder.path) / 'sample'

    def test_every_option_of_ours_is_in_the_sample_configuration(self):
        conf = cfg.ConfigOpts()
        config_generator.register_cli_opts(conf)
        name = ROOT / 'etc/migrate/config-generator.conf'
        conf(['--config-file', str(name)], default_config_files=[])
        conf.set_override('output_file', str(self.sample))
        config_generator.generate(conf)
        text = self.sample.read_text()
        for group, options in opts.list_opts():
            section = text.split(f'\n[{group.name}]\n')[1].split('\n[')[0]
            for option in options:
                self.assertRegex(section, rf'(?m)^#{option.dest} =')
        self.assertEqual(len(migrate_conf.GROUPS), len(list(opts.list_opts())))

    def test_every_rule_is_in_the_sample_policy(self):
        name = ROOT / 'etc/migrate/policy-generator.conf'
        policy_generator.generate_sample(
            ['--config-file', str(name), '--output-file', str(self.sample)]
        )
        text = self.sample.read_text()
        for rule in policies.list_rules():
            self.assertIn(f'#"{rule.name}": ', text)
