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


"""End the delegation of the user: the last act of a migration."""

import logging

from migrate_service.drivers.openstack import errors

LOG = logging.getLogger(__name__)


def remove(work):
    """Delete the trust of the migration; gone already is fine."""
    for entry in work.ledger.left('trust'):
        try:
            with work.open_destination() as destination:
                destination.remove(
                    'trust',
                    resource_id=entry['resource_id'],
                    owner=work.id,
                    key=entry['key'],
                )
        except errors.TargetTrustGone as error:
            LOG.info('%s: %s', work.id, error)
        work.ledger.removed('trust', entry['key'])
