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


"""Disks by VMware's library: what it is told of a source."""

import hashlib

from migrate_service.transfer.transports import vddk


def library(options):
    """Return the library as the group ``[vsphere]`` describes it."""
    return vddk.Library(
        libdir=options.vddk_libdir,
        plugin=options.vddk_plugin,
        modes=options.vddk_transports,
        compression=options.vddk_compression,
    )


def missing(options):
    """Return why the library cannot be used on this node, or None."""
    return vddk.missing(library(options))


def open_disk(session, machine, disk, *, snapshot, options, workdir):
    """Return the transport that reads a disk by VMware's library.

    The server is named by the address that was checked; the thumbprint
    vouches for it.

    :param snapshot: managed object id, or None for a machine that is off.
    """
    username, password = session.login
    return vddk.open_disk(
        library(options),
        vddk.Place(
            server=session.endpoint.address,
            port=session.endpoint.port,
            username=username,
            password=password,
            thumbprint=_thumbprint(session),
            machine=machine.key,
            path=disk.path,
            snapshot=snapshot,
        ),
        size=disk.size,
        workdir=workdir,
        name=f'disk-{disk.key}',
        connections=options.connections,
    )


def _thumbprint(session):
    """Return the SHA-1 of the certificate that a verified connection has."""
    connection = session.connect()
    try:
        connection.connect()
        certificate = connection.sock.getpeercert(binary_form=True)
    finally:
        connection.close()
    # What VDDK calls a thumbprint; the certificate was verified by ours.
    digest = hashlib.sha1(certificate, usedforsecurity=False).digest()
    return digest.hex(':').upper()
