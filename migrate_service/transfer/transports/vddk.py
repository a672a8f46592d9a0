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

"""Read a disk with VMware's VDDK, behind nbdkit's own vddk plugin.

The library is proprietary and comes with neither us nor nbdkit: the operator
says where it is. One handle of it serves one request at a time, so a copy
opens several connections.
"""

import contextlib
import dataclasses
import os
import pathlib
import re
import subprocess

from migrate_service.transfer import errors
from migrate_service.transfer import transports
from migrate_service.transfer.transports import nbdkit

REQUEST_SIZE = 1024 * 1024
"""Bytes of a read; over 2 MiB a host may fail with NFC error 5."""

_TIMEOUT = 30
_KINDS = (
    (
        r'[Tt]humbprint|SSL|[Cc]ertificate',
        errors.TransportUntrusted,
    ),
    (
        r'incorrect user name|Insufficient permissions|Login fail',
        errors.TransportDenied,
    ),
    (
        r'Cannot connect to host|refused connection|listener error',
        errors.TransportUnreachable,
    ),
    (r'file was not found', errors.TransportNotFound),
)


@dataclasses.dataclass(frozen=True)
class Library:
    """VDDK as the operator configured it.

    :param libdir: folder that has ``lib64/libvixDiskLib.so.N``, or None.
    :param plugin: name or path of nbdkit's plugin.
    :param modes: VDDK's transport modes, such as ``nbdssl``.
    :param compression: ``none``, ``zlib``, ``fastlz`` or ``skipz``.
    """

    libdir: str | None
    plugin: str = 'vddk'
    modes: str = 'nbdssl'
    compression: str = 'none'


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a disk is.

    :param server, port: of vCenter or ESXi, an address that was checked.
    :param thumbprint: SHA-1 of the certificate that was verified.
    :param machine: managed object id of the machine.
    :param path: datastore path, ``[ds] vm/vm.vmdk``.
    :param snapshot: managed object id, or None for a machine that is off.
    """

    server: str
    port: int
    username: str
    password: str = dataclasses.field(repr=False)
    thumbprint: str
    machine: str
    path: str
    snapshot: str | None = None


def missing(library):
    """Return why the library cannot be used on this node, or None."""
    if not library.libdir:
        return 'no [vsphere] vddk_libdir is configured on this node'
    folder = pathlib.Path(library.libdir)
    if not [*folder.glob('lib*/libvixDiskLib.so.*')] and not [
        *folder.glob('libvixDiskLib.so.*')
    ]:
        return f'there is no libvixDiskLib.so in {folder}'
    try:
        done = subprocess.run(
            ['nbdkit', '--dump-plugin', library.plugin, f'libdir={folder}'],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f'nbdkit does not answer: {error}'
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ['no message']
        return f'nbdkit cannot load its vddk plugin: {lines[-1]}'
    return None


@contextlib.contextmanager
def open_disk(library, place, *, size, workdir, name, connections=8):
    """Yield the :class:`~..transports.Export` of a disk.

    :param library: :class:`Library`.
    :param place: :class:`Place`.
    :param size: bytes the disk must have.
    :param workdir: private directory for sockets and logs.
    :param name: short name of the disk, unique in ``workdir``.
    :param connections: how many handles a copy may open.
    :raises errors.TransportFailed: and its subclasses, with the cause.
    """
    settings = os.path.join(workdir, f'{name}.vddk')
    with open(settings, 'w') as config:
        config.write(f'tmpDirectory = "{workdir}"\n')
    with _secret(place.password) as fd:
        with nbdkit.serve(
            command(library, place, fd, settings),
            workdir=workdir,
            name=name,
            pass_fds=(fd,),
        ) as server:
            _probe(server, size, place)
            yield transports.Export(
                server.uri,
                size,
                connections=connections,
                request_size=REQUEST_SIZE,
                explain=server.explain,
            )


def command(library, place, fd, settings):
    """Return the plugin and its parameters; the password is in ``fd``."""
    parameters = {
        'libdir': library.libdir,
        'config': settings,
        'server': place.server,
        'port': place.port,
        'user': place.username,
        # Opened by its path, the file is read from its start each time:
        # the plugin executes itself again to find the library.
        'password': f'+/proc/self/fd/{fd}',
        'thumbprint': place.thumbprint,
        'vm': f'moref={place.machine}',
        'transports': library.modes,
        'file': place.path,
    }
    if place.snapshot:
        parameters['snapshot'] = place.snapshot
    if library.compression != 'none':
        parameters['compression'] = library.compression
    return [library.plugin] + [
        f'{key}={value}' for key, value in parameters.items()
    ]


@contextlib.contextmanager
def _secret(text):
    """Yield the descriptor of a file in memory that holds a secret."""
    fd = os.memfd_create('secret')
    try:
        os.fchmod(fd, 0o600)
        os.write(fd, text.encode())
        yield fd
    finally:
        os.close(fd)


def _probe(server, size, place):
    """Connect once; VDDK opens its disk, and fails, only then."""
    try:
        nbdkit.probe(server, size=size, where=place.path)
    except errors.TransportWrongSize:
        raise
    except errors.TransportFailed as error:
        raise explained(place, server.explain()) from error


def explained(place, text):
    """Return the error for what nbdkit and VDDK said."""
    for pattern, kind in _KINDS:
        if re.search(pattern, text):
            where = place.server
            if kind is errors.TransportNotFound:
                where = place.path
            return kind(where=where, reason=text)
    return errors.TransportFailed(where=place.path, reason=text)
