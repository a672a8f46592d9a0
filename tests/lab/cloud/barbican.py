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
"""Barbican, the optional key manager: its API only, keys in its database."""

from tests.lab import commands
from tests.lab import daemons
from tests.lab import settings
from tests.lab.cloud import layout
from tests.lab.cloud import services
from tests.lab.databases import mariadb


def start():
    """Start the API unless it runs, and wait for it."""
    if not services.BARBICAN.alive():
        mariadb.execute(
            mariadb.create_database('barbican', 'barbican', settings.PASSWORD)
        )
        commands.run(
            layout.BIN / 'barbican-manage', 'db', 'upgrade',
            log=layout.LOG / 'sync-barbican.log', env=layout.ENV,
        )  # fmt: skip
        services.BARBICAN.start()
    url = settings.url('barbican')
    daemons.wait_for(
        'barbican', lambda: daemons.answers(url), 60, services.BARBICAN
    )
