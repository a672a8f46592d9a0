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


"""Commands on the networks of a source."""

from migrate_client.osc import base


class ListNetwork(base.Lister):
    """List the networks of a source that machines are connected to"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_argument(parser)
        return parser

    def take_action(self, parsed_args):
        source = self.source(parsed_args.source)
        return base.table(
            self.client.source_networks(source),
            {'ID': 'id', 'Name': 'name', 'VLAN': 'vlan'},
        )
