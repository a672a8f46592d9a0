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
    """Return ``(flavor, warnings)``: the one asked for, or the best.

    :param machine: ``inventory.Machine``.
    :raises TargetFlavorNotFound, TargetFlavorNoneFits:
    """
    with clouds.explained('Nova', 'listing the flavors'):
        found = list(cloud.servers.flavors(details=True))
    if not flavor_id:
        return choose(found, machine.cpus, machine.memory_mib), []
    for flavor in found:
        if flavor_id in (flavor.id, flavor.name):
            return flavor, _shortages(flavor, machine)
    raise errors.TargetFlavorNotFound(flavor=flavor_id)


def choose(flavors, cpus, memory_mib):
    """Return the smallest flavor that holds the machine.

    The one with the least excess of vCPUs and memory, relative to what is
    needed; among equals the one with the smallest disk, since the server
    boots from its volumes.

    :raises TargetFlavorNoneFits: none does.
    """
    fitting = [
        flavor
        for flavor in flavors
        if flavor.vcpus >= cpus
        and flavor.ram >= memory_mib
        and not flavor.ephemeral
        and not flavor.swap
        and not any(
            spec.startswith(SPECIAL) for spec in flavor.extra_specs or {}
        )
    ]
    if not fitting:
        raise errors.TargetFlavorNoneFits(cpus=cpus, memory_mib=memory_mib)
    return min(
        fitting,
        key=lambda flavor: (
            flavor.vcpus / max(1, cpus) + flavor.ram / max(1, memory_mib),
            flavor.disk or 0,
            flavor.name,
        ),
    )


def _shortages(flavor, machine):
    warnings = []
    if flavor.vcpus < machine.cpus:
        warnings.append(
            f'The flavor {flavor.name} has {flavor.vcpus} vCPUs, the machine '
            f'{machine.cpus}.'
        )
    if flavor.ram < machine.memory_mib:
        warnings.append(
            f'The flavor {flavor.name} has {flavor.ram} MiB of memory, the '
            f'machine {machine.memory_mib}.'
        )
    return warnings
