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


"""The command on limits."""

from tests.unit.client import base

LIMIT = {
    'name': 'migration_active',
    'unit': 'migrations',
    'limit': 10,
    'soft_limit': 8,
    'used': 9,
    'notice': 'The project uses 9 of 10.',
}


class TestLimits(base.TestCase):
    def test_show(self):
        free = LIMIT | {'limit': None, 'soft_limit': None, 'notice': None}
        self.web.get(
            f'{base.MIGRATION}/v1/limits', json={'limits': [LIMIT, free]}
        )
        rows = self.succeed('limits', 'show', '-f', 'json')
        self.assertEqual(
            {
                'Name': 'migration_active',
                'Limit': 10,
                'Used': 9,
                'Unit': 'migrations',
                'Notice': 'The project uses 9 of 10.',
            },
            rows[0],
        )
        self.assertIsNone(rows[1]['Limit'])
