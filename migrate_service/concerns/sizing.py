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

"""What a machine needs in the cloud: its flavor, volumes and quotas; pure."""

import collections

GIB = 1024**3


def choose(flavors, cpus, memory_mib):
    """Return the smallest flavor that holds the machine, or None.

    The one with the least excess of vCPUs and memory, relative to what is
    needed; among equals the one with the smallest disk, since the server
    boots from its volumes.

    :param flavors: those that ask for nothing special; with ``vcpus``,
        ``ram`` (MiB), ``disk`` and ``name``.
    """
    fitting = [
        flavor
        for flavor in flavors
        if flavor.vcpus >= cpus and flavor.ram >= memory_mib
    ]
    return min(
        fitting,
        key=lambda flavor: (
            flavor.vcpus / max(1, cpus) + flavor.ram / max(1, memory_mib),
            flavor.disk or 0,
            flavor.name,
        ),
        default=None,
    )


def flavor(facts):
    """Return the flavor that the machine would get, or None."""
    wanted = facts.option('flavor_id')
    if wanted:
        for one in facts.target.flavors:
            if wanted in (one.id, one.name):
                return one
        return None
    plain = [one for one in facts.target.flavors if one.plain]
    machine = facts.machine
    return choose(plain, machine.cpus, machine.memory_mib)


def waste(flavor, machine):
    """Return ``{'vcpus', 'memory_mib'}`` that the machine does not need."""
    return {
        'vcpus': max(0, flavor.vcpus - machine.cpus),
        'memory_mib': max(0, flavor.ram - machine.memory_mib),
    }


def volume_type(facts, disk):
    """Return the volume type that was chosen for a disk, or None."""
    for entry in facts.option('volume_types', ()):
        if entry['datastore'] == disk.datastore:
            return entry['volume_type']
    return facts.option('volume_type')


def gibibytes(size):
    """Return bytes as whole GiB, rounded up."""
    return -(-size // GIB)


def volumes(facts):
    """Return ``(disk, GiB, name of the volume type or None)`` of each."""
    names = facts.target.volume_types
    found = []
    for disk in facts.machine.disks:
        wanted = volume_type(facts, disk)
        name = names.get(wanted) if wanted else facts.target.default_type
        found.append((disk, gibibytes(disk.size), name))
    return found


def demand(facts):
    """Return what the machine takes of each quota, ``{name: amount}``."""
    machine = facts.machine
    chosen = flavor(facts)
    wanted = collections.Counter(
        instances=1,
        cores=chosen.vcpus if chosen else machine.cpus,
        ram=chosen.ram if chosen else machine.memory_mib,
        port=len(machine.nics),
    )
    for _disk, size, name in volumes(facts):
        wanted['volumes'] += 1
        wanted['gigabytes'] += size
        if name:
            wanted[f'volumes_{name}'] += 1
            wanted[f'gigabytes_{name}'] += size
    return wanted


def take(share, facts):
    """Count a machine that can start into what its set takes."""
    share.quotas.update(demand(facts))
    for nic, entry, network in facts.places():
        share.ports[network.id, entry.get('subnet_id')] += 1
        if facts.keeps('keep_mac', nic):
            share.macs.add((network.id, nic.mac))
        if facts.keeps('keep_ip', nic):
            share.addresses |= {(network.id, ip) for ip in nic.addresses}
