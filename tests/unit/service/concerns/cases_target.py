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
"""The same for concerns of the project; see ``cases_source``."""

from migrate_service.concerns import facts
from tests.unit.service.concerns import build
from tests.unit.service.concerns import cases_source

ELSEWHERE = '33333333-3333-4333-8333-333333333333'


def options(**values):
    return build.make(options=values)


def mapped(network_id, subnet_id=None):
    entry = {
        'source': 'network-1',
        'network_id': network_id,
        'subnet_id': subnet_id,
    }
    return options(networks=[entry])


CASES = {
    'concern.flavor_missing': (
        'cold',
        options(flavor_id='m1.none'),
        'no flavor m1.none',
        options(flavor_id='m1.gpu'),
    ),
    'concern.flavor_none_fits': (
        'cold',
        build.make(machine={'cpus': 9}),
        'the 9 vCPUs',
        build.make(machine={'cpus': 8}),
    ),
    'concern.flavor_small': (
        'cold',
        build.make(machine={'cpus': 3}, options={'flavor_id': 'm1.small'}),
        'm1.small has 2 vCPUs',
        build.make(machine={'cpus': 2}, options={'flavor_id': 'm1.small'}),
    ),
    'concern.flavor_wasteful': (
        'cold',
        build.make(machine={'cpus': 3, 'memory_mib': 2049}),
        'm1.large, leaves 5 vCPUs',
        build.make(machine={'cpus': 4, 'memory_mib': 8192}),
    ),
    'concern.volume_type_missing': (
        'cold',
        options(volume_type='tape'),
        'no volume type tape',
        options(volume_type='t1'),
    ),
    'concern.pool_full': (
        'cold',
        build.make(target={'pools': {'a': 9.5, 'b': 3}}),
        'needs 10 GiB',
        build.make(target={'pools': {'a': 10, 'b': 3}}),
    ),
    'concern.zone_missing': (
        'cold',
        options(availability_zone='moon'),
        'zone moon',
        options(availability_zone='far'),
    ),
    'concern.zone_without_volumes': (
        'cold',
        options(availability_zone='far'),
        'Cinder has no availability zone far',
        options(availability_zone='nova'),
    ),
    'concern.key_pair_missing': (
        'cold',
        options(key_name='yours'),
        'no key pair yours',
        options(key_name='mine'),
    ),
    'concern.security_group_missing': (
        'cold',
        options(security_groups=['default', 'web']),
        'single security group web',
        options(security_groups=['default', 'g2']),
    ),
    'concern.target_network_missing': (
        'cold',
        mapped(ELSEWHERE),
        f'no network {ELSEWHERE}',
        mapped(build.NET),
    ),
    'concern.target_subnet_missing': (
        'cold',
        mapped(build.NET, ELSEWHERE),
        f'has no subnet {ELSEWHERE}',
        mapped(build.NET, build.SUBNET),
    ),
    'concern.address_outside_subnet': (
        'cold',
        build.make(nic={'addresses': ('198.51.100.7',)}),
        '198.51.100.7',
        build.make(nic={'addresses': ('192.0.2.7',)}),
    ),
    'concern.address_in_use': (
        'cold',
        build.make(network={'addresses': frozenset({'192.0.2.10'})}),
        '192.0.2.10 of web is in use',
        build.make(network={'addresses': frozenset({'192.0.2.11'})}),
    ),
    'concern.mac_in_use': (
        'cold',
        build.make(network={'macs': frozenset({'00:50:56:00:00:01'})}),
        '00:50:56:00:00:01',
        build.make(
            network={'macs': frozenset({'00:50:56:00:00:01'})},
            options={'keep_mac': False},
        ),
    ),
    'concern.addresses_not_kept': (
        'cold',
        build.make(network={'own': False}),
        'belongs to another project',
        build.make(
            network={'own': False},
            options={'keep_mac': False, 'keep_ip': False},
        ),
    ),
    'concern.subnet_full': (
        'cold',
        build.make(
            subnet={'free': 3}, share=build.share(ports={(build.NET, None): 3})
        ),
        '3 free addresses; 3 are for machines before web',
        build.make(
            subnet={'free': 3}, share=build.share(ports={(build.NET, None): 2})
        ),
    ),
    'concern.quota_exceeded': (
        'cold',
        build.make(share=build.share(quotas={'gigabytes': 191})),
        '10 needed, 9 free (200 less 0 used and 191 for machines before it)',
        build.make(share=build.share(quotas={'gigabytes': 190})),
    ),
    'concern.volume_too_large': (
        'cold',
        build.make(target={'quotas': {'per_volume_gigabytes': (9, 0)}}),
        'needs a volume of 10 GiB',
        build.make(target={'quotas': {'per_volume_gigabytes': (10, 0)}}),
    ),
    'concern.metadata_too_long': (
        'cold',
        build.make(
            target={'quotas': {'metadata_items': (1, 0)}},
            options={'metadata': {'a': 'b'}},
        ),
        'would get 2 properties',
        build.make(target={'quotas': {'metadata_items': (1, 0)}}),
    ),
}
ALL = cases_source.CASES | CASES
UNKNOWN = facts.Facts(machine=build.MACHINE, options=build.OPTIONS)
