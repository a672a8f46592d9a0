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


"""The command that shows what the tools of a migration wrote."""

import time

from migrate_client.osc import base
from migrate_client.osc import wait


class ShowLog(base.Command):
    """Show what the tools of a migration wrote.

    A line in front of each piece names its step, tool and attempt.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_migration_argument(parser)
        parser.add_argument(
            '--step',
            metavar='<step>',
            help='Show only the tools of this step, such as convert',
        )
        parser.add_argument(
            '--follow',
            action='store_true',
            help='Go on until the migration has ended, failed or waits',
        )
        return parser

    def take_action(self, parsed_args):
        migration = self.migration(parsed_args.migration)
        query = base.given({'step': parsed_args.step})
        heading = None
        while True:
            settled = (
                not parsed_args.follow
                or self.client.get_migration(migration.id).status
                in wait.SETTLED
            )
            for piece in self.client.migration_log(migration, **query):
                heading = self._write(piece, heading)
                query['marker'] = piece.id
            self.app.stdout.flush()
            if settled:
                return
            time.sleep(wait.INTERVAL)

    def _write(self, piece, heading):
        new = f'==> {piece.step}: {piece.tool} (attempt {piece.attempt})\n'
        if new != heading:
            self.app.stdout.write(new)
        self.app.stdout.write(piece.text)
        return new
