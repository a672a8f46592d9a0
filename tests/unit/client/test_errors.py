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


"""Errors of the service, and of what stands before it."""

from openstack import exceptions

from migrate_client import errors
from tests.unit.client import base
from tests.unit.client import shapes


class TestExplain(base.TestCase):
    def explain(self, **answer):
        self.web.get(f'{base.MIGRATION}/v1/migrations/m1', **answer)
        proxy = self.connect()
        return errors.explain(
            self.assertRaises(
                exceptions.HttpException, proxy.get_migration, 'm1'
            )
        )

    def test_error_of_the_service(self):
        told = self.explain(
            status_code=409,
            json=shapes.error('It is running.', 'Wait.', code='migration.x'),
        )
        self.assertEqual(
            ('It is running.', 'Wait.', 'migration.x', 'req-1'), told
        )
        self.assertEqual('It is running. Wait. (Request id: req-1)', str(told))

    def test_page_of_a_proxy(self):
        told = self.explain(
            status_code=502,
            text='<html>Bad Gateway</html>',
            headers={'Content-Type': 'text/html'},
        )
        self.assertIn('Bad Gateway', told.message)
        self.assertIsNone(told.remedy)

    def test_json_of_somebody_else(self):
        for body in ('[]', '{"errors": []}', '{"errors": [{}]}', 'null'):
            told = self.explain(status_code=400, text=body)
            self.assertIn('Client Error for url', told.message)

    def test_without_an_answer(self):
        told = errors.explain(exceptions.NotFoundException('No such thing.'))
        self.assertEqual('No such thing.', str(told))
