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


"""The export of a machine that is off: an HttpNfcLease, kept alive."""

import contextlib
import hashlib
import hmac
import socket
import ssl
import threading
import time
import urllib.parse

from oslo_log import log as logging
from pyVmomi import vim

from migrate_service.drivers import errors
from migrate_service.drivers.vsphere import address
from migrate_service.drivers.vsphere import export
from migrate_service.transfer.transports import nfc
from migrate_service.transfer.transports import web

LOG = logging.getLogger(__name__)

#: Seconds that a lease may take to become ready.
READY_TIMEOUT = 300
#: Seconds between two signs of life, at most.
BEAT = 60


class Lease:
    """A lease on the export of one machine, from :func:`take`.

    vSphere ends it when it hears of no progress for a while. As long as it
    lives, the machine cannot be started.

    :param reference: vim.HttpNfcLease.
    :param urls: ``{disk key: vim.HttpNfcLease.DeviceUrl}``.
    :param timeout: seconds that it lives without a sign of life.
    """

    def __init__(self, session, reference, urls, timeout):
        self.urls = urls
        self.users = 0
        self.failed = False
        #: ``{disk key: (function that returns bytes, bytes in all)}``.
        self.positions = {}
        self._session = session
        self._reference = reference
        self._interval = min(BEAT, max(0.2, timeout / 4))
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=self._keep_alive, name='nfc-lease', daemon=True
        )
        self._thread.start()

    def end(self):
        """Complete the lease, or abort it when its use failed."""
        self._over.set()
        self._thread.join()
        try:
            if self.failed:
                self._reference.HttpNfcLeaseAbort()
            else:
                self._reference.HttpNfcLeaseComplete()
        except Exception as error:
            # It may have ended by itself; nothing else is held by it.
            LOG.warning('The end of a lease was not taken: %s', error)

    def percent(self):
        """Return how much of all disks has come, 0 to 99."""
        known = list(self.positions.values())
        whole = sum(size for _position, size in known)
        try:
            come = sum(position() for position, _size in known)
        except ValueError:
            return 0  # one is being closed at this moment
        return min(99, come * 100 // whole) if whole else 0

    def _keep_alive(self):
        while not self._over.wait(self._interval):
            try:
                self._reference.HttpNfcLeaseProgress(self.percent())
            except Exception as error:
                LOG.warning('A lease could not be kept alive: %s', error)


def take(session, machine):
    """Have a machine exported; return its :class:`Lease`.

    :param machine: ``inventory.Machine``, off.
    :raises DriverError: vSphere does not export it, or names other disks.
    """
    reference = session.reference(vim.VirtualMachine, machine.key)
    with session.explained('exporting the machine', machine.key):
        lease = reference.ExportVm()
        info = _ready(session, lease)
    try:
        urls = _match(session, reference, machine, info.deviceUrl or [])
    except BaseException:
        with contextlib.suppress(Exception):
            lease.HttpNfcLeaseAbort()
        raise
    return Lease(session, lease, urls, info.leaseTimeout or 300)


def _ready(session, lease):
    deadline = time.monotonic() + READY_TIMEOUT
    while True:
        values = session.properties(lease, ['state', 'info', 'error'])
        if values.get('state') == 'ready':
            return values['info']
        if values.get('state') == 'error':
            raise errors.SourceFault(
                fault=type(values.get('error')).__name__,
                operation='exporting the machine',
                reason=getattr(values.get('error'), 'msg', 'no reason'),
            )
        if time.monotonic() > deadline:
            raise errors.SourceTimeout(
                operation='The export of the machine', seconds=READY_TIMEOUT
            )
        threading.Event().wait(0.2)


def _match(session, reference, machine, urls):
    """Return ``{disk key: device URL}``.

    A URL names its disk by the class and the bus of the controller and the
    unit: ``/vm-7/ParaVirtualSCSIController0:1``. An order is not promised.
    """
    with session.explained('reading the machine', machine.key):
        values = session.properties(reference, ['config.hardware.device'])
    names = {
        name: key
        for key, name in _names(values['config.hardware.device']).items()
    }
    found = {
        names.get(url.key.rpartition('/')[2]): url for url in urls if url.disk
    }
    wanted = {disk.key for disk in machine.disks}
    if set(found) != wanted:
        raise errors.TransportUnavailable(
            machine=machine.name,
            reason=(
                'its export names '
                f'{", ".join(url.key for url in urls) or "no disk"}, which '
                f'are not its {len(wanted)} disks'
            ),
        )
    return found


def _names(devices):
    """Return ``{device key of a disk: Controller0:1}``."""
    by_key = {device.key: device for device in devices}
    names = {}
    for device in devices:
        if isinstance(device, vim.vm.device.VirtualDisk):
            controller = by_key[device.controllerKey]
            kind = type(controller).__name__.rpartition('.')[2]
            names[str(device.key)] = (
                f'{kind}{controller.busNumber}:{device.unitNumber}'
            )
    return names


@contextlib.contextmanager
def open_disk(session, lease, disk, *, trust, networks, workdir):
    """Serve a disk of a lease, see :mod:`..transports.nfc`.

    :param trust: ``(ca, certificate)`` of the session.
    :param networks: ``(allowed, denied)`` networks of sources: the stream
        may come from another host than vCenter.
    """
    url = lease.urls[disk.key]
    endpoint = _endpoint(session, url, trust, networks, workdir)

    def note(position):
        lease.positions[disk.key] = (position, disk.size)

    try:
        with nfc.open_disk(
            endpoint,
            size=disk.size,
            workdir=workdir,
            name=f'disk-{disk.key}',
            position=note,
        ) as opened:
            yield opened
    finally:
        lease.positions.pop(disk.key, None)


def _endpoint(session, url, trust, networks, workdir):
    """Return where a stream comes from, with whom to trust there.

    Its URL holds the right to read it; the session is shown to nobody but
    the server that gave it.
    """
    parts = urllib.parse.urlsplit(url.url)
    ca, certificate = trust
    host = parts.hostname or '*'
    own = host in ('*', session.endpoint.host)
    if own:
        netloc = session.endpoint.netloc
        where = session.endpoint
    else:
        allowed, denied = networks
        where = address.resolve(
            host, parts.port or 443, allowed=allowed, denied=denied
        )
        netloc = parts.netloc
        certificate = None
        if url.sslThumbprint:
            certificate = _pinned(where, url.sslThumbprint)
    return web.Endpoint(
        url=urllib.parse.urlunsplit(
            ('https', netloc, parts.path, parts.query, '')
        ),
        address=where.address,
        cafile=None if certificate else export.ca_file(ca, workdir),
        certificate=certificate,
        cookie=session.cookie if own else None,
    )


def _pinned(where, thumbprint):
    """Return the PEM of the certificate that vCenter told the print of.

    :raises SourcePinMismatch: the host shows another one.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((where.address, where.port), 30) as sock:
        with context.wrap_socket(sock, server_hostname=where.host) as tls:
            certificate = tls.getpeercert(binary_form=True) or b''
    wanted = thumbprint.replace(':', '').lower()
    kind = {40: 'sha1', 64: 'sha256'}.get(len(wanted), 'sha256')
    actual = hashlib.new(kind, certificate).hexdigest()
    if not hmac.compare_digest(actual, wanted):
        raise errors.SourcePinMismatch(address=where.host, actual=actual)
    return ssl.DER_cert_to_PEM_cert(certificate)
