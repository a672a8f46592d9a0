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

"""Whether the limits of the project let a migration in."""

import flask

from migrate_service import limits
from migrate_service.api import services
from migrate_service.db.api import usage


def plan(more):
    """Refuse machines in a plan that the project has no room for.

    :param more: how many are added; none are always welcome.
    :raises LimitExceeded: there is no room for them.
    """
    if more > 0:
        limits_now = services.current().limits.of_project(flask.g.context)
        limits_now.enforce({usage.PLANNED: more})


class Admission:
    """What one new migration takes of the limits of the project.

    :param machine: dict of ``inventory.Machine``.
    :raises LimitExceeded: there is no room for it.
    :raises LimitsUnavailable: Keystone does not tell.
    """

    def __init__(self, machine):
        self._gib = limits.of_disks(machine['disks'])
        self._limits = services.current().limits.of_project(flask.g.context)
        self._wanted = usage.wanted([self._gib])
        self._limits.enforce(self._wanted)

    def notices(self):
        """Return sentences on the limits that run low with it."""
        return self._limits.notices(self._wanted)

    def enter(self, migration_id):
        """Count the migration, whose row was written; or refuse it after all.

        Of those that come at the same moment each now sees the others, so
        that too many never stay.

        :raises LimitExceeded: together they are too many.
        """
        context = flask.g.context
        usage.admit(context, migration_id, context.project_id, self._gib)
        self._limits.enforce(dict.fromkeys(self._wanted, 0))

    def withdraw(self, migration_id):
        """Count the migration no longer: it never began."""
        usage.withdraw(flask.g.context, migration_id)
