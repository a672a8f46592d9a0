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


"""Where the bytes of a disk are: the flat file behind its descriptor."""

import os
import pathlib
import posixpath
import re
import urllib.parse

from migrate_service.drivers import errors
from migrate_service.transfer.transports import file
from migrate_service.transfer.transports import https

#: Datastores that hold a flat file beside the descriptor; vSAN and vVol
#: keep the content in objects that /folder does not serve.
FLAT_KINDS = frozenset({'VMFS', 'NFS', 'NFS41'})
_PATH = re.compile(r'\[(?P<datastore>[^\]]+)\] (?P<path>.+)\.vmdk', re.DOTALL)


def split_path(path):
    """Return the datastore's name and the path of the flat file.

    :param path: a datastore path, ``[name] folder/disk.vmdk``.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise ValueError(f'no datastore path of a disk: {path}')
    return match['datastore'], f'{match["path"]}-flat.vmdk'


def folder_url(netloc, path, *, datacenter, datastore):
    """Return the URL of a file; each part is percent-encoded once.

    :param netloc: ``host[:port]`` of the server.
    :param path: of the file on the datastore, ``/`` between its parts.
    :param datacenter: inventory path of the datacenter.
    :param datastore: name of the datastore.
    """
    parts = (urllib.parse.quote(part, safe='') for part in path.split('/'))
    query = urllib.parse.urlencode(
        {'dcPath': datacenter, 'dsName': datastore},
        quote_via=urllib.parse.quote,
        safe='',
    )
    return f'https://{netloc}/folder/{"/".join(parts)}?{query}'


def mounts_of(address, stores, mounts):
    """Return ``{datastore name: folder}`` of what is mounted of a source.

    Anybody who may register sources may register a server of the own, whose
    datastores have whatever names and whose disks whatever paths: a mount
    counts for the address it was configured for. A name that several
    datastores have (one in each datacenter) says nothing.

    :param address: of the source, as its user gave it.
    :param stores: ``inventory.Datastore`` of the source.
    :param mounts: ``{address/datastore name: folder}``.
    """
    names = [store.name for store in stores]
    result = {}
    for place, folder in mounts.items():
        host, _, name = place.partition('/')
        if host.lower() == address.lower() and names.count(name) == 1:
            result[name] = folder
    return result


def looked_at(machine, kinds, mounts, vddk):
    """Return ``{transport: why it cannot read the disks}``, best first.

    :param kinds: ``{datastore key: kind}``.
    :param mounts: names of its datastores that are mounted on this node.
    :param vddk: why VMware's library cannot be used here, or None.
    :returns: None in the place of the reason where it can read all disks.
    """
    found = {'file': None, 'https': None, 'vddk': vddk, 'nfc': None}
    for disk in machine.disks:
        for name, reason in _reasons(disk, kinds, mounts).items():
            found[name] = found[name] or reason
    return found


def _reasons(disk, kinds, mounts):
    """Return ``{transport: reason}`` of what cannot read a disk."""
    every = ('file', 'https', 'vddk', 'nfc')
    if disk.encrypted:
        return dict.fromkeys(every, f'{disk.label} is encrypted')
    if disk.kind != 'flat' or not disk.path:
        return dict.fromkeys(every, f'{disk.label} is no flat disk')
    if disk.has_parent:
        reason = f'{disk.label} is in a chain of snapshots'
        return dict.fromkeys(every, reason)
    reasons = {}
    if split_path(disk.path)[0] not in mounts:
        reasons['file'] = (
            f'the datastore of {disk.label} is not mounted on this node'
        )
    kind = kinds.get(disk.datastore)
    if kind not in FLAT_KINDS:
        reasons['https'] = (
            f'{disk.label} has no flat file on a datastore of the kind {kind}'
        )
    return reasons


def open_https(session, disk, *, datacenter, trust, workdir, connections):
    """Return the transport that reads a disk over HTTPS.

    :param trust: ``(ca, certificate)``, PEM text or None; what the session
        itself trusts.
    :param connections: how many read the disk at the same time.
    """
    datastore, path = split_path(disk.path)
    ca, certificate = trust
    endpoint = https.Endpoint(
        url=folder_url(
            session.endpoint.netloc,
            path,
            datacenter=datacenter,
            datastore=datastore,
        ),
        address=session.endpoint.address,
        cafile=None if certificate else ca_file(ca, workdir),
        certificate=certificate,
        cookie=session.cookie,
    )
    return https.open_disk(
        endpoint,
        size=disk.size,
        workdir=workdir,
        name=f'disk-{disk.key}',
        connections=connections,
    )


def open_file(disk, *, mounts, workdir):
    """Return the transport that reads a disk from a mounted datastore."""
    datastore, path = split_path(disk.path)
    if posixpath.isabs(path) or '..' in pathlib.PurePosixPath(path).parts:
        raise errors.MachineDiskUnsupported(
            disk=disk.label, machine='the machine', reason=f'odd path {path}'
        )
    root = mounts[datastore]
    return file.open_disk(
        os.path.join(root, path),
        root=root,
        size=disk.size,
        workdir=workdir,
        name=f'disk-{disk.key}',
    )


def ca_file(ca, workdir):
    """Return the path of a file with the CAs to trust; None for none."""
    if not ca:
        return None
    target = pathlib.Path(workdir, 'source-ca.pem')
    target.write_text(ca)
    return str(target)
