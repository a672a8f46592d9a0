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
"""Concerns about quotas of Nova, Cinder and Neutron, for a whole set."""

from migrate_service.concerns import model
from migrate_service.concerns import sizing

FAMILY = model.Family()
UNLIMITED = -1


@FAMILY.rule(
    code='concern.quota_exceeded',
    what=(
        'The quota %(quota)s of the project does not suffice for '
        '%(machine)s: %(needed)s needed, %(free)s free (%(limit)s less '
        '%(used)s used and %(taken)s for machines before it).'
    ),
    why='The cloud would refuse what exceeds it, in the middle of the work.',
    remedy='Delete what is no longer used or ask for a higher quota.',
    origin='Quotas of Nova, Cinder and Neutron; migratekit#65',
    needs=('target',),
)
def _exceeded(facts):
    for quota, needed in sizing.demand(facts).items():
        limit, used = facts.target.quotas.get(quota, (UNLIMITED, 0))
        taken = facts.share.quotas[quota]
        free = max(0, limit - used - taken)
        if limit != UNLIMITED and needed > free:
            yield {
                'quota': quota,
                'machine': facts.machine.name,
                'needed': needed,
                'free': free,
                'limit': limit,
                'used': used,
                'taken': taken,
            }


@FAMILY.rule(
    code='concern.volume_too_large',
    what=(
        '%(disk)s of %(machine)s needs a volume of %(size)s GiB; the project '
        'may make volumes of %(limit)s GiB.'
    ),
    why='Cinder would refuse the volume.',
    remedy='Ask for a higher quota per_volume_gigabytes.',
    origin='Cinder quota per_volume_gigabytes',
    needs=('target',),
)
def _too_large(facts):
    limit, _used = facts.target.quotas.get(
        'per_volume_gigabytes', (UNLIMITED, 0)
    )
    for disk, size, _name in sizing.volumes(facts):
        if limit != UNLIMITED and size > limit:
            yield {
                'disk': disk.label,
                'machine': facts.machine.name,
                'size': size,
                'limit': limit,
            }


@FAMILY.rule(
    code='concern.metadata_too_long',
    what=(
        'The server would get %(count)s properties, one of them the mark of '
        'Migrate; it takes %(limit)s.'
    ),
    why='Nova would refuse the server.',
    remedy='Ask for fewer properties (metadata).',
    origin='Nova quota metadata_items',
    needs=('target',),
)
def _metadata(facts):
    count = len(facts.option('metadata', {})) + 1
    limit, _used = facts.target.quotas.get('metadata_items', (UNLIMITED, 0))
    if limit != UNLIMITED and count > limit:
        yield {'count': count, 'limit': limit}
