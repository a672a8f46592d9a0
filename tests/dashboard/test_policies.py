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

"""Horizon's copy of the policy is the service's."""

import pathlib
import re

import yaml

import migrate_dashboard
from migrate_service import policies
from tests.dashboard import base

PACKAGE = pathlib.Path(migrate_dashboard.__file__).parent
COPY = PACKAGE / 'conf' / 'default_policies' / 'migrate.yaml'


class TestPolicies(base.TestCase):
    def test_what_the_panels_ask_for_is_as_in_the_service(self):
        text = ''.join(path.read_text() for path in PACKAGE.rglob('*.py'))
        used = {
            f'migrate:{name}'
            for name in re.findall(r"'(?:migrate:)?(\w+:\w+)'", text)
        }
        copied = {
            one['name']: one['check_str']
            for one in yaml.safe_load(COPY.read_text())
        }
        real = {one.name: one.check_str for one in policies.list_rules()}
        asked = used & set(real)
        self.assertIn('migrate:migrations:cutover', asked)
        self.assertEqual(
            {name: real[name] for name in asked},
            {name: copied.get(name) for name in asked},
        )
