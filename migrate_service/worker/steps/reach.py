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
"""See whether a server answers a ping, a TCP connection or HTTP.

Sent from a network namespace only, and only to the addresses of ports that
the migration made: from the operator's ``[worker] probe_namespace``, for a
rehearsal from its isolated network.
"""

import functools
import sys
import time

from migrate_service import child
from migrate_service.drivers import errors
from migrate_service.worker import plugging

PROBES = ('ping', 'tcp_port', 'http')
#: Seconds to wait for one answer, and between two tries.
ANSWER = 2
INTERVAL = 2.0
_CONNECT = (
    'import socket, sys; '
    'socket.create_connection((sys.argv[1], int(sys.argv[2])), '
    f'{ANSWER}).close()'
)
#: Any answer below 400 is good.
_GET = (
    'import http.client, sys; '
    'link = http.client.HTTPConnection('
    f'sys.argv[1], int(sys.argv[2]), timeout={ANSWER}); '
    'link.request("GET", sys.argv[3]); '
    'sys.exit(link.getresponse().status >= 400)'
)


class Reach:
    """The probes that a user demanded, and which of them are unanswered.

    :param options: ``probe`` of the migration: ``ping``, ``tcp_port``.
    """

    def __init__(self, work, options):
        self._work = work
        self._left = {probe: options[probe] for probe in wanted(options)}

    @property
    def missing(self):
        """Sentences on the probes that were not answered."""
        return [f'An answer to the {probe} probe' for probe in self._left]

    def try_again(self):
        """Send each probe that was not answered to all addresses."""
        for probe, value in list(self._left.items()):
            for address in addresses_of(self._work.checkpoint['ports']):
                namespace = self._work.conf.worker.probe_namespace
                command = _command(probe, value, address)
                if _answers(self._work, namespace, command):
                    reached = self._work.result.setdefault('reached', {})
                    reached[probe] = address
                    del self._left[probe]
                    break


def answer(work, options, timeout, namespace, addresses, found):
    """Send the probes of ``options`` from ``namespace``.

    :param found: gets the address that answered, by the name of the probe.
    :raises ProbeTimeout: none of the addresses answered in time.
    """
    deadline = time.monotonic() + timeout
    for probe in wanted(options):
        command = functools.partial(_command, probe, options[probe])
        address = _answering(work, namespace, addresses, command, deadline)
        if not address:
            raise errors.ProbeTimeout(
                what=f'An answer to the {probe} probe', seconds=timeout
            )
        found[probe] = address


def wanted(options):
    """Return the names of the probes that ``options`` ask for."""
    return [probe for probe in PROBES if options.get(probe)]


def addresses_of(ports):
    """Return the IP addresses of ``{NIC key: {'addresses'}}``."""
    return [
        address for port in ports.values() for address in port['addresses']
    ]


def _answering(work, namespace, addresses, command, deadline):
    while True:
        for address in addresses:
            if _answers(work, namespace, command(address)):
                return address
        if time.monotonic() > deadline:
            return None
        work.sleep(INTERVAL)


def _command(probe, value, address):
    if probe == 'ping':
        return ['ping', '-q', '-c', '1', '-W', str(ANSWER), address]
    if probe == 'tcp_port':
        return [sys.executable, '-c', _CONNECT, address, str(value)]
    port, path = str(value['port']), value.get('path') or '/'
    return [sys.executable, '-c', _GET, address, port, path]


def _answers(work, namespace, command):
    command = plugging.privileged('ip', 'netns', 'exec', namespace, *command)
    with child.Child(command, log=work.log('probe')) as running:
        return running.wait(check=work.check) == 0
