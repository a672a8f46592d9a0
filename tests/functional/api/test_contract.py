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

"""The HTTP contract of each resource, as ``gabbits/*.yaml`` tell it."""

import pathlib
import sys

from gabbi import driver
from gabbi import fixture

from migrate_service import context as migrate_context
from migrate_service.db.api import workers as workers_db
from tests import fixtures as migrate_fixtures
from tests.functional.api import base

GABBITS = pathlib.Path(__file__).parent / 'gabbits'


class Service(fixture.GabbiFixture):
    """An API with a source that was read, and a worker."""

    api = None

    def start_fixture(self):
        self.config = migrate_fixtures.Config()
        self.config.setUp()
        self.database = migrate_fixtures.Database(self.config.conf)
        self.database.setUp()
        Service.api = base.Api(self.config)
        Service.api.setUp()
        Service.api.ready_source(
            base.machine('vm-1'), base.machine('vm-2', power_state='off')
        )
        workers_db.seen(
            migrate_context.service_context(),
            'node-1',
            {'incarnation': 'one', 'version': '1', 'slots': 2},
        )

    def stop_fixture(self):
        for part in (Service.api, self.database, self.config):
            part.cleanUp()


def application():
    """Return an application that finds the API when it is called.

    gabbi asks for it before the fixture has started.
    """

    def call(environ, start_response):
        return Service.api.app(environ, start_response)

    return call


def load_tests(loader, tests, pattern):
    """Give the tests that the YAML files describe."""
    return driver.build_tests(
        str(GABBITS),
        loader,
        host=None,
        intercept=application,
        fixture_module=sys.modules[__name__],
        test_loader_name=__name__,
    )
