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

"""What the heartbeat of a worker stores, in one transaction for all."""

from migrate_service import exceptions
from migrate_service.db import api
from migrate_service.db.api import leases
from migrate_service.db.api import manifests

#: Leases of one transaction: a worker of many slots must not keep rows
#: locked for long.
TOGETHER = 25


def store(context, worker, reports, expires):
    """Renew leases and store what their holder reported of them.

    The hashes of a report are stored with its checkpoint, which counts on
    them, or neither is.

    :param reports: list of ``{'kind', 'id', 'attempt', 'values', 'disks'}``:
        columns to write, and chunks as ``manifests.write`` takes them.
    :param expires: until when the leases hold now.
    :returns: ``(kind, id)`` of those that are with somebody else.
    """
    lost = []
    for start in range(0, len(reports), TOGETHER):
        lost += _store(context, worker, reports[start:][:TOGETHER], expires)
    return lost


@api.writer
def _store(context, worker, reports, expires):
    lost = []
    for report in reports:
        try:
            leases.write(
                context,
                leases.MODELS[report['kind']],
                report['id'],
                report['values'] | {'lease_expires_at': expires},
                worker=worker,
                attempt=report['attempt'],
            )
        except exceptions.LeaseLost:
            # The UPDATE found no row: the transaction is none the worse.
            lost.append((report['kind'], report['id']))
            continue
        if report['disks']:
            manifests.write(context, report['id'], report['disks'])
    return lost
