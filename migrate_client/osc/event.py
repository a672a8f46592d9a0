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


"""Commands on the events of a migration."""

from migrate_client.osc import base


class ListEvent(base.Lister):
    """List what happened to a migration, oldest first"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_migration_argument(parser)
        return parser

    def take_action(self, parsed_args):
        migration = self.migration(parsed_args.migration)
        return base.table(
            self.client.migration_events(migration),
            {
                'Time': 'created_at',
                'Event': 'event',
                'Status': 'status',
                'Step': 'step',
                'Attempt': 'attempt',
                'Message': 'message',
            },
        )
