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


"""Commands that decide of a server: accept it, or go back to the source."""

from migrate_client.osc import base
from migrate_client.osc import wait


class AcceptMigration(base.MigrationAction):
    """Accept the server of a migration that waits at await_acceptance.

    The machine of the source stays off, and can no longer be brought back
    by the migration. Nothing of it is deleted.
    """

    until = wait.SETTLED - {'waiting'}
    good = ('completed',)

    def ask(self, migration, parsed_args):
        self.client.accept_migration(migration.id)


class RollbackMigration(base.MigrationAction):
    """Bring the source of a migration back in place of its server.

    The server is deleted. A warm migration keeps its volumes as a replica
    and can be cut over again; a cold one ends as cancelled.
    """

    good = ('waiting', 'cancelled')

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            '--keep-replica',
            dest='replica',
            action='store_const',
            const='keep',
            help=(
                'Keep the volumes: as the replica of a warm migration '
                '(default), as volumes of the project of a cold one'
            ),
        )
        group.add_argument(
            '--discard',
            dest='replica',
            action='store_const',
            const='discard',
            help='Remove all that was created, and end (default of cold ones)',
        )
        return parser

    def ask(self, migration, parsed_args):
        self.client.roll_back_migration(migration.id, parsed_args.replica)
