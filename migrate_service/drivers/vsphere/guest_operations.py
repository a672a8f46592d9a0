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

"""``drivers.guest.Guest`` by the guest operations of VMware Tools.

Files travel over URLs that vCenter hands out, often of the host that the
machine runs on. Their addresses are checked and their certificates verified
as those of the source itself are.
"""

import contextlib
import http.client
import ssl
import urllib.parse

from pyVmomi import vim

from migrate_service.drivers import errors
from migrate_service.drivers import guest

PREFIX = 'migrate-'
#: What vCenter writes for the host that the client talks to already.
SAME_HOST = '*'
_GUEST = vim.vm.guest
_UNAVAILABLE = (
    vim.fault.GuestOperationsUnavailable,
    vim.fault.ToolsUnavailable,
    vim.fault.InvalidPowerState,
    vim.fault.TaskInProgress,
)
_REFUSED = (
    vim.fault.InvalidGuestLogin,
    vim.fault.GuestMultipleMappings,
    vim.fault.GuestAuthenticationChallenge,
)


class VsphereGuest(guest.Guest):
    """The guest of a machine, as one of its users.

    :param session: ``session.Session``.
    :param connect: ``(host, port)`` to a connection that is checked and
        verified but not yet open; for hosts that are not the source's own.
    """

    def __init__(self, session, key, *, username, password, connect):
        self._session = session
        self._machine = session.reference(vim.VirtualMachine, key)
        self._key = key
        self._connect = connect
        self._auth = _GUEST.NamePasswordAuthentication(
            username=username, password=password, interactiveSession=False
        )
        self._managers: dict[str, object] = {}

    def log_in(self):
        with self._explained('the login'):
            self._manager('authManager').ValidateCredentials(*self._who)

    def make_folder(self):
        with self._explained('making a folder'):
            return self._manager('fileManager').CreateTemporaryDirectory(
                *self._who, PREFIX, '', None
            )

    def remove_folder(self, path):
        with (
            contextlib.suppress(guest.GuestFileNotFound),
            self._explained('removing a folder'),
        ):
            self._manager('fileManager').DeleteDirectory(
                *self._who, path, True
            )

    def upload(self, path, content):
        mode = _GUEST.FileManager.PosixFileAttributes(permissions=0o700)
        with self._explained('an upload'):
            url = self._manager('fileManager').InitiateFileTransferToGuest(
                *self._who, path, mode, len(content), True
            )
        self._transfer('PUT', url, content)

    def download(self, path, limit):
        with self._explained('a download'):
            info = self._manager('fileManager').InitiateFileTransferFromGuest(
                *self._who, path
            )
        return self._transfer('GET', info.url, limit=limit)

    def start(self, program, arguments):
        spec = _GUEST.ProcessManager.ProgramSpec(
            programPath=program, arguments=arguments
        )
        with self._explained('starting a program'):
            return self._manager('processManager').StartProgramInGuest(
                *self._who, spec
            )

    def exit_code(self, process):
        with self._explained('looking at a process'):
            found = self._manager('processManager').ListProcessesInGuest(
                *self._who, [process]
            )
        if not found:
            raise guest.GuestProcessLost(machine=self._key)
        return found[0].exitCode if found[0].endTime else None

    @property
    def _who(self):
        return self._machine, self._auth

    def _manager(self, name):
        if not self._managers:
            operations = self._session.content.guestOperationsManager
            self._managers = self._session.properties(
                operations, ['authManager', 'fileManager', 'processManager']
            )
        return self._managers[name]

    @contextlib.contextmanager
    def _explained(self, operation):
        """Raise a :class:`DriverError` that says what a fault means."""
        try:
            with self._session.explained(operation, self._key):
                yield
        except errors.SourcePrivilegeMissing as error:
            raise guest.GuestPrivilegeMissing(
                machine=self._key, privilege=error.kwargs['privilege']
            ) from None
        except errors.SourceFault as error:
            raise self._from_fault(error.__cause__, operation) from None

    def _from_fault(self, fault, operation):
        if isinstance(fault, vim.fault.FileNotFound):
            return guest.GuestFileNotFound(
                machine=self._key, operation=operation
            )
        if isinstance(fault, _REFUSED):
            return guest.GuestLoginRefused(machine=self._key)
        if isinstance(fault, vim.fault.GuestPermissionDenied):
            return guest.GuestOperationFailed(
                machine=self._key,
                fault='that the user may not',
                operation=operation,
            )
        if isinstance(fault, _UNAVAILABLE):
            return guest.GuestToolsUnavailable(machine=self._key)
        name = type(fault).__name__.rpartition('.')[2]
        return guest.GuestOperationFailed(
            machine=self._key, fault=name, operation=operation
        )

    def _transfer(self, method, url, content=None, limit=0):
        """Send or fetch one file; the URL holds a token: never log it.

        :raises GuestTransferFailed: with the reason, but without the URL.
        """
        parts = urllib.parse.urlsplit(url)
        connection = None
        try:
            connection = self._connection(parts)
            target = urllib.parse.urlunsplit(('', '', *parts[2:]))
            connection.request(method, target, body=content)
            answer = connection.getresponse()
            data = answer.read(limit) if limit else answer.read(1024)
            if answer.status not in (200, 201, 204):
                raise http.client.HTTPException(f'HTTP {answer.status}')
        except ssl.SSLCertVerificationError as error:
            raise errors.SourceUntrusted(
                address=parts.hostname, reason=error.verify_message
            ) from None
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise guest.GuestTransferFailed(
                machine=self._key, reason=reason
            ) from None
        finally:
            if connection:
                connection.close()
        return data

    def _connection(self, parts):
        own = self._session.endpoint
        if parts.scheme != 'https':
            raise http.client.HTTPException('its address is not HTTPS')
        port = parts.port or 443
        if parts.hostname in (SAME_HOST, own.host):
            return self._session.connect()
        return self._connect(parts.hostname, port)
