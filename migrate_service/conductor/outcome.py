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

"""What follows from an event of a migration, as it is written down."""

import dataclasses

from migrate_service.db.api import leases as leases_db


@dataclasses.dataclass
class Outcome:
    """Columns to write and the event to tell; event None tells nothing.

    ``rehearsal`` holds columns of the rehearsal that is open, if one is;
    ``planned`` is the error that the plan of the migration notes, if it is
    of one.
    """

    values: dict
    event: str | None
    message: str = ''
    details: dict = dataclasses.field(default_factory=dict)
    rehearsal: dict | None = None
    planned: dict | None = None


def fresh_step():
    """Return the columns of a step that nobody has tried yet."""
    return leases_db.FREE | {'step_attempts': 0, 'not_before': None}
