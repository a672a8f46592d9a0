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


"""Which flavor a machine gets."""

from migrate_service.concerns import sizing
from migrate_service.drivers.openstack import cloud as clouds
from migrate_service.drivers.openstack import errors

#: A flavor with one of these asks for special hosts or devices: nobody gets
#: it without asking for it.
SPECIAL = (
    'accel:',
    'aggregate_instance_extra_specs:',
    'hw:cpu_policy',
    'hw:mem_encryption',
    'hw:mem_page_size',
    'hw:numa',
    'pci_passthrough:',
    'quota:',
    'resources',
    'trait',
)


def pick(cloud, machine, flavor_id=None):
    """Return the flavor that was asked for, or the best.

    :param machine: ``inventory.Machine``.
    :raises TargetFlavorNotFound, TargetFlavorNoneFits:
    """
    with clouds.explained('Nova', 'listing the flavors'):
        found = list(cloud.servers.flavors(details=True))
    if not flavor_id:
        return choose(found, machine.cpus, machine.memory_mib)
    for flavor in found:
        if flavor_id in (flavor.id, flavor.name):
            return flavor
    raise errors.TargetFlavorNotFound(flavor=flavor_id)


def choose(flavors, cpus, memory_mib):
    """Return the smallest plain flavor that holds the machine.

    :raises TargetFlavorNoneFits: none does.
    """
    chosen = sizing.choose(
        [flavor for flavor in flavors if is_plain(flavor)], cpus, memory_mib
    )
    if chosen is None:
        raise errors.TargetFlavorNoneFits(cpus=cpus, memory_mib=memory_mib)
    return chosen


def is_plain(flavor):
    """Return whether a flavor asks for no special hosts or devices."""
    return (
        not flavor.ephemeral
        and not flavor.swap
        and not any(
            spec.startswith(SPECIAL) for spec in flavor.extra_specs or {}
        )
    )
