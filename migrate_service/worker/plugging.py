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

"""Plugs a network namespace of this node into networks of tenants.

Only where this node runs ``ovn-controller`` (``[worker] probe_plugging``):
that binds a port as soon as an interface of the integration bridge carries
its id. Each interface also carries the name of the worker, by which what a
killed process left is found.
"""

import contextlib
import os
import subprocess

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

BRIDGE = 'br-int'
#: Seconds that one of these commands may take.
TIMEOUT = 60
MARK = 'migrate-worker'


def privileged(*argv):
    """Return the command line of what only root may do."""
    return [*([] if os.geteuid() == 0 else ['sudo', '-n']), *argv]


@contextlib.contextmanager
def plugged(options, ports):
    """Give the name of a namespace that has the ports.

    :param options: the group ``[worker]``.
    :param ports: list of ``{'id', 'mac', 'addresses', 'peers'}``; peers are
        the addresses that shall be reached through the port. Addresses have
        no prefix: nothing else is reached.
    :raises OSError, subprocess.SubprocessError: a command failed.
    """
    namespace = name_of(ports[0])
    devices = [name_of(port) for port in ports]
    _remove(options, namespace, devices)
    try:
        _run('ip', 'netns', 'add', namespace)
        for port in ports:
            _plug(options, namespace, port)
        yield namespace
    finally:
        _remove(options, namespace, devices)


def clean(options):
    """Remove what earlier processes of this worker left plugged.

    :param options: the group ``[worker]``.
    """
    found = _switch(
        options,
        *('--bare', '--no-heading', '--columns=name'),
        *('find', 'interface', f'external_ids:{MARK}="{options.name}"'),
    )
    for name in found.split():
        LOG.info('%s was left plugged; it is removed', name)
        _remove(options, name, [name])


def name_of(port):
    """Return the name of the interface of a port: at most 15 letters."""
    return f'mig{port["id"][:11]}'


def _plug(options, namespace, port):
    device = name_of(port)
    _switch(
        options,
        *('--', '--may-exist', 'add-port', BRIDGE, device),
        *('--', 'set', 'interface', device, 'type=internal'),
        f'mac="{port["mac"]}"',
        f'external_ids:iface-id={port["id"]}',
        f'external_ids:{MARK}="{options.name}"',
    )
    _run('ip', 'link', 'set', device, 'netns', namespace)
    inside = ('ip', '-n', namespace)
    _run(*inside, 'link', 'set', device, 'address', port['mac'])
    for address in port['addresses']:
        more = ('nodad',) if ':' in address else ()
        _run(*inside, 'addr', 'add', address, 'dev', device, *more)
    _run(*inside, 'link', 'set', device, 'up')
    for peer in port['peers']:
        _run(*inside, 'route', 'add', peer, 'dev', device)


def _remove(options, namespace, devices):
    for device in devices:
        _switch(options, '--if-exists', 'del-port', BRIDGE, device)
    if os.path.exists(f'/run/netns/{namespace}'):
        _run('ip', 'netns', 'del', namespace)


def _switch(options, *argv):
    database = f'--db={options.probe_ovsdb_connection}'
    return _run('ovs-vsctl', database, '--timeout=30', *argv)


def _run(*argv):
    """Run a command and return its output."""
    done = subprocess.run(
        privileged(*argv),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode:
        raise OSError(f'{" ".join(argv)}: {done.stderr.strip()}')
    return done.stdout
