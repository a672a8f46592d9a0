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

"""Back ends of ``/healthcheck``."""

import sqlalchemy as sa
from oslo_middleware.healthcheck import pluginbase

from migrate_service import context as migrate_context
from migrate_service.db import api


class Database(pluginbase.HealthcheckBaseExtension):
    """Whether the database answers."""

    def healthcheck(self, server_port):
        try:
            with api.context_manager.reader.using(
                migrate_context.service_context()
            ) as session:
                session.execute(sa.text('SELECT 1'))
        except Exception as error:
            return pluginbase.HealthcheckResult(
                available=False,
                reason='DATABASE',
                details=f'The database does not answer: '
                f'{type(error).__name__}.',
            )
        return pluginbase.HealthcheckResult(available=True, reason='OK')
