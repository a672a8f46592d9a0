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
"""What the database knows of a source, as the rules of concerns want it."""

from migrate_service.concerns import facts
from migrate_service.db.api import machines


def of_source(context, row, now):
    """Return ``concerns.facts.Source`` of a source.

    :param now: the present time, UTC without zone.
    """
    networks = machines.item_names(context, row.id, 'network')
    datastores = machines.items(context, row.id, 'datastore')
    read_at = row.inventory_at
    return facts.Source(
        networks=networks,
        datastores=datastores,
        missing_privileges=tuple(
            (row.product or {}).get('missing_privileges') or ()
        ),
        age=(now - read_at).total_seconds() if read_at else None,
    )
