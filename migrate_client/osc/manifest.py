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


"""The command that shows the hashes of a migration's disks."""

from migrate_client.osc import base
from migrate_client.osc import columns


class ShowManifest(base.Lister):
    """Show the hashes of what was read from the source.

    One row a disk region; -f json and -f csv are made to be compared with
    the hashes of another copy.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_migration_argument(parser)
        parser.add_argument(
            '--disk', metavar='<key>', help='Show only this disk, by its key'
        )
        return parser

    def take_action(self, parsed_args):
        migration = self.migration(parsed_args.migration)
        manifest = self.client.get_migration_manifest(
            migration, **base.given({'disk': parsed_args.disk})
        )
        rows = (
            (
                disk['key'],
                columns.SizeColumn(number * manifest.region_size),
                value,
            )
            for disk in manifest.disks
            for number, value in enumerate(disk['hashes'])
        )
        return ('Disk', 'Offset', manifest.algorithm), rows
