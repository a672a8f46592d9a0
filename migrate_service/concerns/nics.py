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

"""Concerns about the network interfaces and their mapping."""

import collections

from migrate_service.concerns import model

FAMILY = model.Family()


def _named(facts, nic, **more):
    return {'machine': facts.machine.name, 'nic': nic.label} | more


@FAMILY.rule(
    code='concern.nic_without_network',
    what='%(nic)s of %(machine)s is on no network.',
    why='There is nothing to map to a network of the project.',
    remedy='Connect or remove the interface in vSphere, then refresh.',
    origin='vSphere API, VirtualEthernetCard.backing',
    refusal='machine.unsupported',
)
def _without_network(facts):
    for nic in facts.machine.nics:
        if nic.network is None:
            yield _named(facts, nic)


@FAMILY.rule(
    code='concern.network_unmapped',
    what=(
        '%(nic)s of %(machine)s is on the network %(name)s (%(network)s), '
        'for which no network of the project was named.'
    ),
    why='The server would lack this interface.',
    remedy='Add an entry for the network to networks.',
    origin='Migrate API',
    refusal='migration.network_unmapped',
)
def _unmapped(facts):
    names = facts.source.networks if facts.source else {}
    for nic in facts.machine.nics:
        if nic.network is not None and facts.chosen_network(nic) is None:
            yield _named(
                facts,
                nic,
                network=nic.network,
                name=names.get(nic.network, 'unknown'),
            )


@FAMILY.rule(
    code='concern.datastore_unmapped',
    what=(
        '%(disk)s of %(machine)s is on the datastore %(name)s, for which no '
        'volume type was named; others were.'
    ),
    why='It gets the default volume type of the cloud.',
    remedy='Add an entry for the datastore to volume_types, or volume_type.',
    origin='Migrate API',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _datastore_unmapped(facts):
    mapped = {entry['datastore'] for entry in facts.option('volume_types', ())}
    if not mapped or facts.option('volume_type'):
        return
    for disk in facts.machine.disks:
        if disk.datastore not in mapped:
            store = facts.datastore(disk) or {}
            yield {
                'machine': facts.machine.name,
                'disk': disk.label,
                'name': store.get('name', disk.datastore),
            }


@FAMILY.rule(
    code='concern.nic_disconnected',
    what='%(nic)s of %(machine)s is not connected at power on.',
    why='Its port in the project will be connected.',
    remedy='Remove the interface in vSphere if it is not needed.',
    origin='vSphere API, VirtualDeviceConnectInfo.startConnected',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _disconnected(facts):
    for nic in facts.machine.nics:
        if not nic.connected:
            yield _named(facts, nic)


@FAMILY.rule(
    code='concern.nics_on_one_network',
    what='%(machine)s has %(count)s interfaces on the network %(name)s.',
    why=(
        'Replies may leave by another interface than the one asked, and '
        "Neutron's port security drops them."
    ),
    remedy='Bond or remove interfaces, or map them to several networks.',
    origin='vjailbreak#1694; migratekit#63',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _one_network(facts):
    counted = collections.Counter(
        nic.network for nic in facts.machine.nics if nic.network
    )
    names = facts.source.networks if facts.source else {}
    for network, count in counted.items():
        if count > 1:
            yield {
                'machine': facts.machine.name,
                'count': count,
                'name': names.get(network, network),
            }


@FAMILY.rule(
    code='concern.address_unknown',
    what='The addresses of %(nic)s of %(machine)s are not known.',
    why=(
        'VMware Tools did not report them: the port gets another address, '
        'which Neutron lets through alone.'
    ),
    remedy=(
        'Start VMware Tools and refresh; else let the guest use DHCP, or '
        'change the port afterwards.'
    ),
    origin='vSphere API, GuestInfo.net; forklift#1113; migratekit#63',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _address_unknown(facts):
    for nic in facts.machine.nics:
        lacking = not nic.addresses and nic.connected and nic.network
        if lacking and facts.keeps('keep_ip', nic):
            yield _named(facts, nic)


@FAMILY.rule(
    code='concern.no_nics',
    what='%(machine)s has no network interfaces.',
    why='The server will be reached by its console only.',
    remedy='None, if it is meant to be so.',
    origin='vSphere API, VirtualHardware.device',
    cold=model.INFO,
    warm=model.INFO,
)
def _none(facts):
    if not facts.machine.nics:
        yield {'machine': facts.machine.name}
