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
"""Fills the cloud: flavors, volume types, networks, quotas.

Run by the cloud's own interpreter; safe to repeat.
"""

from tests.lab.cloud import connection

#: name: (vCPUs, memory in MB, disk in GB)
FLAVORS = {
    'm1.nano': (1, 128, 0),
    'm1.tiny': (1, 512, 0),
    'm1.small': (1, 1024, 0),
    'm1.medium': (2, 2048, 0),
    'm1.large': (4, 4096, 0),
    'm1.disk': (1, 1024, 5),
}
VOLUME_TYPES = ('lab-nfs', 'lab-block')
EXTERNAL = ('public', '198.51.100.0/24', '198.51.100.1')
#: project: networks as (name, cidr, has a router to the outside)
NETWORKS = {
    'tenant-a': (
        ('net-a', '10.77.0.0/24', True),
        ('net-a2', '192.168.50.0/24', False),
    ),
    'tenant-b': (
        ('net-b', '10.87.0.0/24', True),
        ('net-b2', '10.88.0.0/24', False),
    ),
}
MEMBERS = {'tenant-a': 'member-a', 'tenant-b': 'member-b'}
SECURITY_GROUP = 'ssh-and-ping'
#: tenant-b is the small one: tests run against its limits.
QUOTAS = {
    'tenant-a': {
        'volume': {'volumes': 200, 'gigabytes': 2000, 'snapshots': 200},
        'compute': {'instances': 100, 'cores': 400, 'ram': 409600},
        'network': {'ports': 400, 'floating_ips': 50},
    },
    'tenant-b': {
        'volume': {'volumes': 2, 'gigabytes': 10, 'snapshots': 2},
        'compute': {'instances': 2, 'cores': 4, 'ram': 4096},
        'network': {'ports': 10, 'floating_ips': 2},
    },
}


def main():
    """Ensure everything."""
    admin = connection.connect('admin')
    _flavors(admin.compute)
    _volume_types(admin.block_storage)
    external = _external_network(admin.network)
    for project, member in MEMBERS.items():
        _quotas(admin, project)
        network = connection.connect(member).network
        for name, cidr, routed in NETWORKS[project]:
            _network(network, name, cidr, external if routed else None)
        _security_group(network)


def _flavors(compute):
    for name, (vcpus, ram, disk) in FLAVORS.items():
        compute.find_flavor(name) or compute.create_flavor(
            name=name, vcpus=vcpus, ram=ram, disk=disk
        )


def _volume_types(volumes):
    for name in VOLUME_TYPES:
        volumes.find_type(name) or volumes.create_type(
            name=name, extra_specs={'volume_backend_name': name}
        )


def _external_network(network):
    name, cidr, gateway = EXTERNAL
    external = network.find_network(name) or network.create_network(
        name=name,
        is_router_external=True,
        provider_network_type='flat',
        provider_physical_network='physnet1',
    )
    network.find_subnet(name) or network.create_subnet(
        name=name,
        network_id=external.id,
        ip_version=4,
        cidr=cidr,
        gateway_ip=gateway,
        is_dhcp_enabled=False,
    )
    return external


def _network(network, name, cidr, external):
    """Ensure a tenant's network, its subnet and, to the outside, router."""
    found = network.find_network(name) or network.create_network(name=name)
    subnet = network.find_subnet(name) or network.create_subnet(
        name=name, network_id=found.id, ip_version=4, cidr=cidr
    )
    if external and not network.find_router(name):
        router = network.create_router(
            name=name, external_gateway_info={'network_id': external.id}
        )
        network.add_interface_to_router(router, subnet_id=subnet.id)


def _security_group(network):
    if network.find_security_group(SECURITY_GROUP):
        return
    group = network.create_security_group(name=SECURITY_GROUP)
    for ports in ({'protocol': 'icmp'}, _tcp(22)):
        network.create_security_group_rule(
            security_group_id=group.id, direction='ingress', **ports
        )


def _tcp(port):
    return {
        'protocol': 'tcp',
        'port_range_min': port,
        'port_range_max': port,
    }


def _quotas(admin, project):
    found = admin.identity.find_project(project)
    quotas = QUOTAS[project]
    admin.block_storage.update_quota_set(found, **quotas['volume'])
    admin.compute.update_quota_set(found, **quotas['compute'])
    admin.network.update_quota(found.id, **quotas['network'])


if __name__ == '__main__':
    main()
