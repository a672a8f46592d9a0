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
"""Every rule fires where it should, and not where it should not."""

import dataclasses
import re

import testtools

from migrate_service.concerns import model
from migrate_service.concerns import registry
from tests.unit.service.concerns import build
from tests.unit.service.concerns import cases_target


def codes(facts, kind='cold'):
    found = registry.find(dataclasses.replace(facts, kind=kind))
    return [concern['code'] for concern in found]


class TestTable(testtools.TestCase):
    def test_the_table_has_every_rule(self):
        known = {rule.code for rule in registry.rules()}
        self.assertEqual(known, set(cases_target.ALL))

    def test_each_fires_in_its_case(self):
        for code, (kind, fires, text, _quiet) in cases_target.ALL.items():
            facts = dataclasses.replace(fires, kind=kind)
            found = [
                concern['what']
                for concern in registry.find(facts)
                if concern['code'] == code
            ]
            self.assertEqual(1, len(found), (code, found))
            self.assertIn(text, found[0])

    def test_each_is_quiet_in_the_other(self):
        for code, (kind, _fires, _text, quiet) in cases_target.ALL.items():
            self.assertNotIn(code, codes(quiet, kind))

    def test_a_machine_without_faults_has_no_concerns(self):
        for kind in model.KINDS:
            self.assertEqual([], codes(build.make(), kind))


class TestRules(testtools.TestCase):
    def test_each_says_all_that_it_must(self):
        for rule in registry.rules():
            self.assertRegex(rule.code, r'^concern\.[a-z_]+$')
            for text in (rule.what, rule.why, rule.remedy, rule.origin):
                self.assertTrue(text.strip(), rule.code)
            self.assertNotIn('%(', rule.why + rule.origin)
            severities = {rule.cold, rule.warm} - {None}
            self.assertTrue(severities, rule.code)
            self.assertLessEqual(severities, set(model.SEVERITIES))

    def test_only_what_blocks_can_be_overridden(self):
        for rule in registry.rules():
            if rule.overridable:
                self.assertIn(model.BLOCKING, (rule.cold, rule.warm))

    def test_codes_are_unique(self):
        codes = [rule.code for rule in registry.rules()]
        self.assertEqual(len(set(codes)), len(codes))

    def test_what_is_not_known_is_not_judged(self):
        self.assertEqual([], codes(cases_target.UNKNOWN))

    def test_a_broken_family_does_not_stop_the_others(self):
        entry = type(
            'Entry',
            (),
            {
                'value': 'nowhere:FAMILY',
                '__lt__': lambda *_: True,
                'load': lambda self: 1 // 0,
            },
        )()
        real = registry.importlib.metadata.entry_points
        self.patch(
            registry.importlib.metadata,
            'entry_points',
            lambda group: [*real(group=group), entry],
        )
        self.addCleanup(registry.rules.cache_clear)
        registry.rules.cache_clear()
        self.assertGreater(len(registry.rules()), 60)


class TestConcerns(testtools.TestCase):
    def test_the_worst_come_first(self):
        facts = build.make(
            machine={'tpm': True, 'nested': True, 'template': True}
        )
        found = [one['severity'] for one in registry.find(facts)]
        self.assertEqual(['blocking', 'warning', 'info'], found)

    def test_values_stand_in_the_sentences(self):
        for _kind, fires, _text, _quiet in cases_target.ALL.values():
            for concern in registry.find(fires):
                for name in ('what', 'why', 'remedy'):
                    self.assertIsNone(re.search(r'%\(|%%', concern[name]))

    def test_only_some_can_be_overridden(self):
        codes = ['concern.machine_question', 'concern.machine_template']
        facts = build.make(
            machine={'question': 'Why?', 'template': True},
            options={'override': codes},
        )
        left = registry.blocking(registry.find(facts))
        self.assertEqual(
            ['concern.machine_template'], [one['code'] for one in left]
        )
