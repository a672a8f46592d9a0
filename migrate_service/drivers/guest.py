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

"""What can be done inside a guest that runs at a source, and its errors.

Whoever holds credentials of the guest may run a program in it through the
tools of the hypervisor; no network of the guest is needed.
"""

import abc

from migrate_service.drivers import errors


class Guest(abc.ABC):
    """A guest that runs, as one of its users. Paths are the guest's own."""

    @abc.abstractmethod
    def log_in(self):
        """Check that the guest can be reached and lets the user in.

        :raises GuestLoginRefused, GuestToolsUnavailable: it cannot.
        """

    @abc.abstractmethod
    def make_folder(self) -> str:
        """Return a new folder that only the user can read."""

    @abc.abstractmethod
    def remove_folder(self, path):
        """Remove a folder with all that is in it; it may be gone."""

    @abc.abstractmethod
    def upload(self, path, content: bytes):
        """Write a file that only the user can read."""

    @abc.abstractmethod
    def download(self, path, limit: int) -> bytes:
        """Return at most the first ``limit`` bytes of a file.

        :raises GuestFileNotFound: there is none.
        """

    @abc.abstractmethod
    def start(self, program, arguments) -> int:
        """Start a program and return the number of its process.

        :param arguments: one text; a shell of the guest reads it, so that
            it may redirect.
        """

    @abc.abstractmethod
    def exit_code(self, process) -> int | None:
        """Return the exit code of a process, None while it runs.

        :raises GuestProcessLost: the guest knows none of that number.
        """


class GuestLoginRefused(errors.DriverError):
    code = 'guest.login_refused'
    title = 'Guest refused the login'
    template = (
        'The guest of %(machine)s refused the user name or the password.'
    )
    remedy = (
        'Ask again with the credentials of root, or of a user with sudo '
        'without a password. Nothing was changed in the guest.'
    )


class GuestToolsNotRunning(errors.DriverError):
    code = 'guest.tools_not_running'
    title = 'VMware Tools not running'
    template = 'VMware Tools do not run in the guest of %(machine)s.'
    remedy = (
        'Start open-vm-tools in the guest and ask again, or leave it: the '
        'guest is converted at the cutover.'
    )


class GuestToolsUnavailable(GuestToolsNotRunning):
    code = 'guest.tools_unavailable'
    title = 'VMware Tools do not answer'
    template = 'VMware Tools in the guest of %(machine)s do not answer.'
    retryable = True


class GuestPrivilegeMissing(errors.DriverError):
    code = 'guest.privilege_missing'
    title = 'Privilege missing'
    template = 'The account of the source lacks %(privilege)s on %(machine)s.'
    remedy = (
        'Give a role of the account the privileges '
        'VirtualMachine.GuestOperations.Query, .Modify and .Execute, then '
        'ask again.'
    )


class GuestOperationFailed(errors.DriverError):
    code = 'guest.operation_failed'
    title = 'Guest operation failed'
    template = 'The guest of %(machine)s answered %(fault)s to %(operation)s.'
    remedy = (
        'See whether guest operations are allowed in the guest (tools.conf, '
        'section guestoperations), then ask again.'
    )


class GuestFileNotFound(GuestOperationFailed):
    code = 'guest.file_not_found'
    title = 'File not found in the guest'
    template = 'The guest of %(machine)s has no file for %(operation)s.'
    remedy = 'Ask again: somebody removed it, or the guest was restarted.'


class GuestTransferFailed(GuestOperationFailed):
    code = 'guest.transfer_failed'
    title = 'Transfer failed'
    template = 'A file could not be moved to or from %(machine)s: %(reason)s'
    remedy = (
        'The conversion node must reach the host that the machine runs on, '
        'by HTTPS; see the network between them, then ask again.'
    )
    retryable = True


class GuestProcessLost(errors.DriverError):
    code = 'guest.process_lost'
    title = 'Process lost'
    template = 'The guest of %(machine)s lost the process: it was restarted.'
    remedy = 'Ask again: what was done already is found.'
