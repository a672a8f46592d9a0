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

"""Every error says what and what next, and survives the bus."""

import inspect
import re

import testtools
from oslo_messaging._drivers import common

from migrate_service import exceptions
from migrate_service import rpc

ERRORS = [
    kind
    for _name, kind in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(kind, exceptions.MigrateError)
]


def example(kind):
    """Return an error of a kind with a value for each name it uses."""
    names = re.findall(r'%\((\w+)\)', kind.template + kind.remedy)
    return kind(**{name: f'the {name}' for name in names})


class TestExceptions(testtools.TestCase):
    def test_each_survives_the_bus(self):
        for kind in ERRORS:
            error = example(kind)
            try:
                raise error
            except exceptions.MigrateError:
                data = common.serialize_remote_exception((kind, error, None))
            found = common.deserialize_remote_exception(
                data, rpc.ALLOWED_REMOTE_MODULES
            )
            self.assertIsInstance(found, kind)
            self.assertEqual(error.kwargs, found.kwargs)
            self.assertEqual(error.code, found.code)

    def test_each_has_a_sentence_and_a_remedy(self):
        for kind in ERRORS:
            body = example(kind).to_dict()
            self.assertNotIn('%(', body['message'] + body['remedy'])
            self.assertRegex(kind.code, r'^[a-z]+\.[a-z_]+$')

    def test_codes_are_of_one_error_each(self):
        codes = [kind.code for kind in ERRORS]
        self.assertEqual(sorted(set(codes)), sorted(codes))
