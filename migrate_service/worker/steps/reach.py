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
"""See whether the server answers a ping or accepts a TCP connection.

Sent from the operator's ``[worker] probe_namespace`` only, to the addresses
of the ports that the migration made.
"""

import sys
import time

from migrate_service import child
from migrate_service.drivers import errors

PROBES = ('ping', 'tcp_port')
#: Seconds to wait for one answer, and between two tries.
ANSWER = 2
INTERVAL = 2.0
_CONNECT = (
    'import socket, sys; '
    'socket.create_connection((sys.argv[1], int(sys.argv[2])), '
    f'{ANSWER}).close()'
)


def check(work, options, timeout):
    """Return once each probe that was asked for was answered.

    :param options: ``probe`` of the migration: ``ping``, ``tcp_port``.
    :param timeout: seconds for all of them.
    :raises ProbeTimeout: no address of the server answered in time.
    """
    deadline = time.monotonic() + timeout
    for probe in PROBES:
        if options.get(probe):
            address = _answering(work, probe, options[probe], deadline)
            if not address:
                raise errors.ProbeTimeout(
                    what=f'An answer to the {probe} probe', seconds=timeout
                )
            work.result.setdefault('reached', {})[probe] = address


def _answering(work, probe, value, deadline):
    while True:
        for address in _addresses(work):
            if _answers(work, _command(probe, value, address)):
                return address
        if time.monotonic() > deadline:
            return None
        work.sleep(INTERVAL)


def _addresses(work):
    return [
        address
        for port in work.checkpoint['ports'].values()
        for address in port['addresses']
    ]


def _command(probe, value, address):
    if probe == 'ping':
        return ['ping', '-q', '-c', '1', '-W', str(ANSWER), address]
    return [sys.executable, '-c', _CONNECT, address, str(value)]


def _answers(work, command):
    command = ['ip', 'netns', 'exec', work.conf.worker.probe_namespace] + (
        command
    )
    with child.Child(command, log=work.log('probe')) as running:
        return running.wait(check=work.check) == 0
