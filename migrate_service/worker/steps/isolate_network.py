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


"""Rehearsal: the network that the guest boots on, and its ports.

First of all, because what a cloud refuses is refused here at no cost: a
network that the project does not see, a quota.
"""

import collections
import dataclasses

from migrate_service import pipelines
from migrate_service.drivers import base
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import isolated
from migrate_service.worker.steps import reach
from migrate_service.worker.steps import rehearsal
from migrate_service.worker.steps import reserve


def run(work):
    """Ensure a network for each that the machine will be on, and ports.

    The ports have the hardware and IP addresses of those that are reserved
    for the cutover, which stay as they are.
    """
    chosen = rehearsal.options_of(work)
    timings = work.checkpoint.get('timings', {})
    for step in pipelines.REHEARSE:
        timings.pop(step, None)
    state = rehearsal.state_of(work)
    state['result']['warnings'] = [
        f'The {name} probe of the migration is left out: this node does not '
        f'reach isolated networks.'
        for name in isolated.left_out(work)
    ]
    with work.open_destination() as destination:
        if chosen.get('network_id'):
            given = chosen['network_id']
            nics = ends.machine_of(work).nics
            state['networks'] = {nic.key: given for nic in nics}
        else:
            state['networks'] = _make_networks(work, destination)
        for index, nic in enumerate(ends.machine_of(work).nics):
            work.check()
            _make_port(work, destination, nic, index)
        isolated.make_ports(work, destination)
    state['result']['networks'] = sorted(set(state['networks'].values()))
    state['result']['addresses'] = reach.addresses_of(state['ports'])


def _make_networks(work, destination):
    """Return ``{NIC key: id of the isolated network}``."""
    together = collections.defaultdict(list)
    chosen = {one['source']: one for one in work.options['networks']}
    for nic in ends.machine_of(work).nics:
        together[chosen[nic.network]['network_id']].append(nic.key)
    made: dict[str, str] = {}
    for target, keys in together.items():
        work.check()
        request = base.NetworkRequest(
            key=target,
            name=rehearsal.name_of(work),
            like=tuple(work.checkpoint['ports'][key]['id'] for key in keys),
        )
        key = rehearsal.PREFIX + target
        work.ledger.intend('network', key, name=request.name)
        network = destination.ensure_network(request, rehearsal.owner(work))
        work.ledger.present('network', key, network['id'])
        made |= dict.fromkeys(keys, network['id'])
    return made


def _make_port(work, destination, nic, index):
    state = rehearsal.state_of(work)
    planned = work.checkpoint['ports'][nic.key]
    request = dataclasses.replace(
        reserve.port_request(work, nic, index),
        name=f'{rehearsal.name_of(work)}-nic-{index}',
        network_id=state['networks'][nic.key],
        subnet_id=None,
        mac=planned['mac'],
        addresses=tuple(planned['addresses']),
    )
    key = rehearsal.PREFIX + nic.key
    work.ledger.intend('port', key, name=request.name)
    port = destination.ensure_port(request, rehearsal.owner(work))
    work.ledger.present('port', key, port['id'])
    state['result']['warnings'] += port.pop('warnings')
    state['ports'][nic.key] = port
