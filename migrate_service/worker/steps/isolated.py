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


"""From where this node can reach the network of a rehearsal."""

import contextlib
import subprocess

from migrate_service.drivers import base
from migrate_service.drivers import errors
from migrate_service.worker import plugging
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import reach
from migrate_service.worker.steps import rehearsal


def possible_probes(work):
    """Return the options of the probes that this node can make.

    What was asked of the rehearsal itself is refused when it cannot be done;
    what it takes over from the migration is left out.

    :raises ProbeUnsupported: naming the first.
    """
    chosen = rehearsal.options_of(work)
    if not chosen['probe']:
        options = dict(work.options.get('probe') or {})
        if not _reachable(work):
            for name in reach.wanted(options):
                del options[name]
        return options
    for name in reach.wanted(chosen['probe']):
        if not _reachable(work):
            raise errors.ProbeUnsupported(probe=name)
    return chosen['probe']


def left_out(work):
    """Return the probes of the migration that the rehearsal goes without."""
    chosen = rehearsal.options_of(work)
    inherited = chosen['probe'] or work.options.get('probe') or {}
    possible = possible_probes(work)
    return [name for name in reach.wanted(inherited) if name not in possible]


@contextlib.contextmanager
def namespace(work):
    """Give the name of a namespace that is on the network.

    :raises ProbeNotPlugged: this node cannot be plugged in.
    """
    ports = rehearsal.state_of(work).get('probe_ports')
    if not ports:
        yield work.conf.worker.probe_namespace
        return
    with contextlib.ExitStack() as stack:
        try:
            name = stack.enter_context(
                plugging.plugged(work.conf.worker, list(ports.values()))
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise errors.ProbeNotPlugged(reason=str(error)) from error
        yield name


def make_ports(work, destination):
    """Ensure a port on each network, for probes from inside of it."""
    if not _plugs(work) or not reach.wanted(possible_probes(work)):
        return
    state = rehearsal.state_of(work)
    nics = ends.machine_of(work).nics
    groups = work.options.get('security_groups')
    ports = state.setdefault('probe_ports', {})
    for number, network in enumerate(sorted(set(state['networks'].values()))):
        request = base.PortRequest(
            key=f'probe-{number}',
            name=f'{rehearsal.name_of(work)}-probe-{number}',
            network_id=network,
            security_groups=tuple(groups) if groups else None,
        )
        key = rehearsal.PREFIX + request.key
        work.ledger.intend('port', key, name=request.name)
        port = destination.ensure_port(request, rehearsal.owner(work))
        work.ledger.present('port', key, port['id'])
        on_it = [n.key for n in nics if state['networks'][n.key] == network]
        peers = {key: state['ports'][key] for key in on_it}
        ports[network] = port | {'peers': reach.addresses_of(peers)}


def _plugs(work):
    return work.conf.worker.probe_plugging != 'none'


def _reachable(work):
    """Return whether probes can be sent to the network of the rehearsal."""
    if _plugs(work):
        return True
    named = rehearsal.options_of(work).get('network_id')
    return bool(named and work.conf.worker.probe_namespace)
