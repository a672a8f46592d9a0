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

"""The command that suggests a mapping."""

import pathlib

import yaml
from osc_lib.cli import format_columns

from migrate_client.osc import base
from migrate_client.osc import suggestions


class SuggestMapping(base.Lister):
    """Suggest what stands for the networks and datastores of a source.

    Networks are compared by name, VLAN id (which Neutron tells to
    administrators only) and the subnet that holds the addresses of the
    machines; datastores and volume types by name. Nothing is created:
    --write makes a file to review and to give to "mapping create --file".
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_argument(parser)
        parser.add_argument(
            '--write',
            metavar='<file>',
            help='Write what was found to this file, as YAML',
        )
        return parser

    def take_action(self, parsed_args):
        source = self.source(parsed_args.source)
        found = self._suggest(source)
        if parsed_args.write:
            text = _text(source, found)
            pathlib.Path(parsed_args.write).write_text(text, 'utf-8')
        rows = (
            (
                one.kind,
                one.name,
                one.id,
                one.target.name if one.target else None,
                one.subnet.name or one.subnet.id if one.subnet else None,
                format_columns.ListColumn(list(one.by)),
            )
            for one in found
        )
        return ('Kind', 'Name', 'ID', 'Suggestion', 'Subnet', 'By'), rows

    def _suggest(self, source):
        network = self.connection.network
        targets = [
            one for one in network.networks() if not one.is_router_external
        ]
        return [
            *suggestions.networks(
                self.client.source_networks(source),
                list(self.client.machines(source)),
                targets,
                list(network.subnets()),
            ),
            *suggestions.datastores(
                self.client.source_datastores(source),
                list(self.connection.block_storage.types()),
            ),
        ]


def _text(source, found):
    """Return the file of a mapping; what was not found is a comment."""
    said = {'source': source.name, 'name': f'{source.name}-suggested'}
    places = [_place(one) for one in found if one.kind == 'network']
    kinds = [
        {'datastore': one.id, 'volume_type': one.target.name}
        for one in found
        if one.kind == 'datastore' and one.target
    ]
    said |= {'networks': [place for place in places if place]}
    said |= {'volume_types': kinds}
    text = yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    missing = [one for one in found if not one.target]
    if missing:
        text += '# Nothing, or nothing certain, was found for these:\n'
    for one in missing:
        text += f'# {one.kind} {one.name!r} ({one.id})\n'
    return text


def _place(one):
    if one.target is None:
        return None
    place = {'source': one.id, 'network': one.target.id}
    return place | ({'subnet': one.subnet.id} if one.subnet else {})
