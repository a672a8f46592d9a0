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


"""Rollback: remove all that the ledger names, what hangs on others first."""

from migrate_service.worker.steps import rehearsal
from migrate_service.worker.steps import trust

ORDER = ('server', 'attachment', 'port', 'network', 'volume')


def run(work):
    """Remove everything that was made, and the trust at the very end.

    Volumes that a user wants to keep are the project's from now on.
    """
    if work.rollback.get('replica') == 'keep':
        _keep_volumes(work)
    entries = [entry for kind in ORDER for entry in work.ledger.left(kind)]
    if entries:
        with work.open_destination() as destination:
            for entry in entries:
                work.check()
                remove(work, destination, entry)
    trust.remove(work)


def remove(work, destination, entry):
    """Remove what one entry of the ledger tells of.

    Without a resource id the answer to the request never came: the driver
    then looks for what carries the id of the migration.
    """
    owner, key = rehearsal.owner_and_key(work, entry['key'])
    destination.remove(
        entry['kind'],
        resource_id=entry['resource_id'],
        owner=owner,
        key=key,
    )
    work.ledger.removed(entry['kind'], entry['key'])


def _keep_volumes(work):
    """Leave the volumes that surely exist to the project."""
    for entry in work.ledger.entries('volume', 'present'):
        work.ledger.released('volume', entry['key'])
    work.result['kept_volume_ids'] = [
        entry['resource_id']
        for entry in work.ledger.entries('volume', 'released')
    ]
