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

"""The command that prepares a guest before its cutover."""

import getpass
import sys

from osc_lib import exceptions

from migrate_client.osc import base
from migrate_client.osc import secret

FAILED = 'excursion_failed'


class PrepareMigration(base.MigrationAction):
    """Make the guest of a warm migration bootable here, before the cutover.

    Runs a script in the Linux guest, which runs on, through VMware Tools:
    it puts virtio drivers into the initramfs and keeps the names of the
    network cards. Then nothing is converted at the cutover. --revert takes
    that back. The password is asked for unless it comes from a file; it is
    kept encrypted, and only until the script has ended.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--guest-user',
            metavar='<user>',
            required=True,
            help='User of the guest: root, or one with sudo',
        )
        parser.add_argument(
            '--guest-password-file',
            metavar='<file>',
            help=(
                'Read the password from the first line of a file; - is the '
                'standard input'
            ),
        )
        parser.add_argument(
            '--revert',
            action='store_true',
            help='Take an earlier preparation back',
        )
        return parser

    def ask(self, migration, parsed_args):
        self.client.prepare_migration(
            migration.id,
            parsed_args.guest_user,
            _password(parsed_args),
            parsed_args.revert,
        )

    def follow(self, migration, after):
        """Wait for the end; a preparation that failed is a failure."""
        migration = super().follow(migration, after)
        query = {'marker': after} if after else {}
        for event in self.client.migration_events(migration, **query):
            if event.event == FAILED:
                remedy = (event.details or {}).get('error', {}).get('remedy')
                raise exceptions.CommandError(
                    ' '.join(filter(None, (event.message, remedy)))
                )
        return migration


def _password(parsed_args):
    """Return the password of the guest, from a file or the terminal.

    :raises CommandError: there is none, and no terminal to ask on.
    """
    if parsed_args.guest_password_file:
        return secret.first_line(parsed_args.guest_password_file)
    if not sys.stdin.isatty():
        raise exceptions.CommandError(
            'The guest needs a password. Give --guest-password-file, or run '
            'the command on a terminal.'
        )
    password = getpass.getpass('Password of the guest: ')
    if not password:
        raise exceptions.CommandError('The password must not be empty.')
    return password
