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

"""Queries on manifests: the hashes of what was read from the disks."""

import sqlalchemy as sa

from migrate_service.db import api
from migrate_service.db import models


def write(context, migration_id, disks):
    """Insert or replace chunks for the holder of the lease, in a transaction.

    :param disks: ``{disk key: {chunk number: bytes}}``.
    """
    for disk, chunks in disks.items():
        query = sa.select(models.ManifestChunk).where(
            models.ManifestChunk.migration_id == migration_id,
            models.ManifestChunk.disk == disk,
            models.ManifestChunk.chunk.in_(chunks),
        )
        known = {row.chunk: row for row in context.session.scalars(query)}
        for number, hashes in chunks.items():
            row = known.get(number) or models.ManifestChunk(
                migration_id=migration_id, disk=disk, chunk=number
            )
            row.hashes = hashes
            context.session.add(row)


@api.reader
def chunks(context, migration_id, disk=None):
    """Return the chunks of one disk or of all, in order."""
    query = (
        sa.select(models.ManifestChunk)
        .filter_by(migration_id=migration_id)
        .order_by(models.ManifestChunk.disk, models.ManifestChunk.chunk)
    )
    if disk is not None:
        query = query.filter_by(disk=disk)
    return context.session.scalars(query).all()
