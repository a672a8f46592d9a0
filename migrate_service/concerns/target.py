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
"""Concerns about what was chosen in the project: is it there, is it usable."""

from migrate_service.concerns import model
from migrate_service.concerns import sizing

FAMILY = model.Family()
#: Part of a flavor that is idle above which it is worth a word.
IDLE = 0.5


@FAMILY.rule(
    code='concern.flavor_missing',
    what='There is no flavor %(flavor)s in the project.',
    why='The server could not be made.',
    remedy='Choose a flavor that the project can use, or none.',
    origin='Nova API, flavors',
    needs=('target',),
)
def _flavor_missing(facts):
    wanted = facts.option('flavor_id')
    if wanted and sizing.flavor(facts) is None:
        yield {'flavor': wanted}


@FAMILY.rule(
    code='concern.flavor_none_fits',
    what=(
        'No flavor of the project holds the %(cpus)s vCPUs and '
        '%(memory)s MiB of %(machine)s.'
    ),
    why='A server smaller than the machine may not carry its work.',
    remedy=(
        'Ask an administrator for such a flavor, or choose a smaller one '
        'with flavor_id.'
    ),
    origin='Nova API, flavors; vmware-migration-kit PR#110',
    needs=('target',),
)
def _none_fits(facts):
    if not facts.option('flavor_id') and sizing.flavor(facts) is None:
        yield {
            'machine': facts.machine.name,
            'cpus': facts.machine.cpus,
            'memory': facts.machine.memory_mib,
        }


@FAMILY.rule(
    code='concern.flavor_small',
    what=(
        'The flavor %(flavor)s has %(vcpus)s vCPUs and %(ram)s MiB; '
        '%(machine)s has %(cpus)s and %(memory)s MiB.'
    ),
    why='A server smaller than the machine may not carry its work.',
    remedy='Choose a larger flavor, if the work needs it.',
    origin='Nova API, flavors',
    cold=model.WARNING,
    warm=model.WARNING,
    needs=('target',),
)
def _small(facts):
    machine = facts.machine
    flavor = sizing.flavor(facts)
    if flavor and (
        flavor.vcpus < machine.cpus or flavor.ram < machine.memory_mib
    ):
        yield {
            'flavor': flavor.name,
            'vcpus': flavor.vcpus,
            'ram': flavor.ram,
            'machine': machine.name,
            'cpus': machine.cpus,
            'memory': machine.memory_mib,
        }


@FAMILY.rule(
    code='concern.flavor_wasteful',
    what=(
        'The best flavor for %(machine)s, %(flavor)s, leaves %(vcpus)s '
        'vCPUs and %(memory)s MiB idle.'
    ),
    why='They count on the quota, and may be paid for.',
    remedy='Ask an administrator for a flavor of that size.',
    origin='vmware-migration-kit PR#110',
    cold=model.INFO,
    warm=model.INFO,
    needs=('target',),
)
def _wasteful(facts):
    flavor = sizing.flavor(facts)
    if flavor is None:
        return
    waste = sizing.waste(flavor, facts.machine)
    if (
        waste['vcpus'] > flavor.vcpus * IDLE
        or waste['memory_mib'] > flavor.ram * IDLE
    ):
        yield {
            'machine': facts.machine.name,
            'flavor': flavor.name,
            'vcpus': waste['vcpus'],
            'memory': waste['memory_mib'],
        }


@FAMILY.rule(
    code='concern.volume_type_missing',
    what='There is no volume type %(type)s in the project.',
    why='The volumes could not be made.',
    remedy='Choose one of: %(types)s.',
    origin='Cinder API, volume types',
    needs=('target',),
)
def _type_missing(facts):
    known = facts.target.volume_types
    wanted = {sizing.volume_type(facts, d) for d in facts.machine.disks}
    for name in sorted(wanted - {None}):
        if name not in known:
            types = ', '.join(sorted(set(known.values()))) or 'none'
            yield {'type': name, 'types': types}


@FAMILY.rule(
    code='concern.pool_full',
    what=(
        '%(disk)s of %(machine)s needs %(needed)s GiB; the emptiest pool of '
        'Cinder has %(free)s GiB free.'
    ),
    why='Cinder would find no back end for the volume.',
    remedy='Ask the operator for room, or choose another volume type.',
    origin='Cinder API, scheduler-stats/get_pools',
    cold=model.WARNING,
    warm=model.WARNING,
    needs=('target',),
)
def _pool_full(facts):
    pools = facts.target.pools
    if not pools:
        return
    free = max(pools.values())
    for disk, size, _name in sizing.volumes(facts):
        if size > free:
            yield {
                'disk': disk.label,
                'machine': facts.machine.name,
                'needed': size,
                'free': round(free),
            }


@FAMILY.rule(
    code='concern.zone_missing',
    what='There is no availability zone %(zone)s.',
    why='The server could not be made.',
    remedy='Choose one of: %(zones)s.',
    origin='Nova API, availability zones',
    needs=('target',),
)
def _zone_missing(facts):
    zone = facts.option('availability_zone')
    if zone and zone not in facts.target.zones:
        zones = ', '.join(sorted(facts.target.zones)) or 'none'
        yield {'zone': zone, 'zones': zones}


@FAMILY.rule(
    code='concern.zone_without_volumes',
    what='Cinder has no availability zone %(zone)s.',
    why=(
        'The volumes come from another zone, and Nova may be set up not to '
        'attach those (cross_az_attach).'
    ),
    remedy='Ask the operator whether servers of the zone attach them.',
    origin='Nova [cinder] cross_az_attach',
    cold=model.WARNING,
    warm=model.WARNING,
    needs=('target',),
)
def _zone_without_volumes(facts):
    zone = facts.option('availability_zone')
    if (
        zone in facts.target.zones
        and facts.target.volume_zones
        and zone not in facts.target.volume_zones
    ):
        yield {'zone': zone}


@FAMILY.rule(
    code='concern.key_pair_missing',
    what='The user has no key pair %(key)s.',
    why='The server could not be made.',
    remedy='Create the key pair, or leave it out.',
    origin='Nova API, key pairs',
    needs=('target',),
)
def _key_missing(facts):
    key = facts.option('key_name')
    if key and key not in facts.target.key_pairs:
        yield {'key': key}


@FAMILY.rule(
    code='concern.security_group_missing',
    what='The project has no single security group %(group)s.',
    why='The ports could not be made as asked.',
    remedy='Give the id of one of the security groups of the project.',
    origin='Neutron API, security groups',
    needs=('target',),
)
def _group_missing(facts):
    known = facts.target.security_groups
    for wanted in facts.option('security_groups', ()):
        ids = [id for id, _name in known if id == wanted]
        named = [id for id, name in known if name == wanted]
        if len(ids or named) != 1:
            yield {'group': wanted}
