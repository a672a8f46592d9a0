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


"""Whether the quotas of a project suffice, before anything is created."""

import collections

from openstack import exceptions

from migrate_service.drivers.openstack import cloud as clouds
from migrate_service.drivers.openstack import errors

UNLIMITED = -1


def check(cloud, *, flavor, volumes, ports):
    """Refuse a machine for which a quota does not suffice.

    :param flavor: the flavor of the server.
    :param volumes: list of ``(GiB, volume type name)``.
    :param ports: how many are made.
    :raises TargetQuotaExceeded: the first that does not suffice.
    """
    with clouds.explained('Nova', 'reading the quotas'):
        compare(
            {'instances': 1, 'cores': flavor.vcpus, 'ram': flavor.ram},
            _nova(cloud),
        )
    with clouds.explained('Cinder', 'reading the quotas'):
        compare(wanted_of(volumes), _cinder(cloud))
    with clouds.explained('Neutron', 'reading the quotas'):
        compare({'port': ports}, _neutron(cloud))


def compare(wanted, usage):
    """Raise for the first quota that does not suffice.

    :param wanted: ``{quota: amount}``.
    :param usage: ``{quota: (limit, used)}``; a limit of -1 is none, and
        quotas that are not named are not checked.
    """
    for quota, amount in wanted.items():
        limit, used = usage.get(quota, (UNLIMITED, 0))
        free = max(0, limit - used)
        if limit != UNLIMITED and amount > free:
            raise errors.TargetQuotaExceeded(
                quota=quota, needed=amount, free=free
            )


def wanted_of(volumes):
    """Return what the volumes need of each of Cinder's quotas."""
    wanted: collections.Counter[str] = collections.Counter()
    for size, volume_type in volumes:
        wanted['volumes'] += 1
        wanted['gigabytes'] += size
        if volume_type:
            wanted[f'volumes_{volume_type}'] += 1
            wanted[f'gigabytes_{volume_type}'] += size
    return wanted


def read(cloud):
    """Return ``{quota: (limit, used)}`` of all that may be read."""
    with clouds.explained('Nova', 'reading the quotas'):
        found = _nova(cloud)
    with clouds.explained('Cinder', 'reading the quotas'):
        found |= _cinder(cloud)
    with clouds.explained('Neutron', 'reading the quotas'):
        return found | _neutron(cloud)


def _nova(cloud):
    limits = cloud.servers.get('/limits')
    found = clouds.checked(limits).json()['limits']['absolute']
    return {
        'instances': (
            found['maxTotalInstances'],
            found['totalInstancesUsed'],
        ),
        'cores': (found['maxTotalCores'], found['totalCoresUsed']),
        'ram': (found['maxTotalRAMSize'], found['totalRAMUsed']),
        'metadata_items': (found['maxServerMeta'], 0),
    }


def _cinder(cloud):
    answer = cloud.volumes.get(
        f'/os-quota-sets/{cloud.project_id}', params={'usage': 'true'}
    )
    found = clouds.checked(answer).json()['quota_set']
    return {
        name: (quota['limit'], quota['in_use'] + quota['reserved'])
        for name, quota in found.items()
        if isinstance(quota, dict)
    }


def _neutron(cloud):
    """Return the usage, or nothing where the policy hides it."""
    answer = cloud.ports.get(f'/quotas/{cloud.project_id}/details.json')
    try:
        found = clouds.checked(answer).json()['quota']
    except (exceptions.ForbiddenException, exceptions.NotFoundException):
        return {}
    return {
        name: (quota['limit'], quota['used'] + quota['reserved'])
        for name, quota in found.items()
    }
