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

"""Commands on mappings: where the machines of a source go."""

from osc_lib import exceptions
from osc_lib.cli import format_columns

from migrate_client.osc import base
from migrate_client.osc import choices
from migrate_client.osc import columns
from migrate_client.osc import mapping_file
from migrate_client.osc import places

_SHOWN = {
    'id': None,
    'name': None,
    'description': None,
    'source_id': None,
    'networks': columns.LinesColumn,
    'volume_type': None,
    'volume_types': columns.LinesColumn,
    'flavor_id': None,
    'security_groups': format_columns.ListColumn,
    'key_name': None,
    'availability_zone': None,
    'metadata': format_columns.DictColumn,
    'keep_mac': None,
    'keep_ip': None,
    'project_id': None,
    'user_id': None,
    'created_at': None,
    'updated_at': None,
}
_LISTED = {
    'ID': 'id',
    'Name': 'name',
    'Source ID': 'source_id',
    'Networks': lambda mapping: len(mapping.networks),
    'Datastores': lambda mapping: len(mapping.volume_types),
    'Description': 'description',
}
#: The options that are sent as they are given.
_AS_GIVEN = (
    'description',
    'volume_type',
    'availability_zone',
    'key_name',
    'keep_mac',
    'keep_ip',
)


def _add_content(parser):
    parser.add_argument(
        '--description', metavar='<text>', help='What it is for'
    )
    parser.add_argument(
        '--file',
        metavar='<file>',
        help=(
            'Take the mapping from this YAML file, as "mapping export" and '
            '"mapping suggest" write it; options win'
        ),
    )
    choices.add_target(parser)


def _attributes(connection, source, said, parsed_args):
    """Return the attributes by file and options.

    :param said: what the file says, or ``{}``.
    """
    attrs = mapping_file.resolve(connection, source, said)
    chosen = {name: getattr(parsed_args, name) for name in _AS_GIVEN}
    chosen['metadata'] = parsed_args.property
    chosen |= places.resolve(connection, source, parsed_args)
    return _merged(attrs, base.given(chosen))


def _merged(attrs, chosen):
    """Return ``attrs`` with what was chosen; lists of entries by key."""
    merged = attrs | chosen
    for field, key in (('networks', 'source'), ('volume_types', 'datastore')):
        entries = {entry[key]: entry for entry in attrs.get(field) or ()}
        entries |= {entry[key]: entry for entry in chosen.get(field) or ()}
        if entries:
            merged[field] = list(entries.values())
    if not merged.get('networks'):
        merged.pop('networks', None)
    return merged


class CreateMapping(base.ShowOne):
    """Create a mapping: where the machines of a source go.

    Migrations, assessments and plans take it with --mapping.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'name',
            metavar='<name>',
            nargs='?',
            help='Its name (default: that of the file)',
        )
        parser.add_argument(
            '--source',
            metavar='<source>',
            help='Name or id of the source (default: that of the file)',
        )
        _add_content(parser)
        return parser

    def take_action(self, parsed_args):
        file = parsed_args.file
        said = mapping_file.read(file) if file else {}
        name = parsed_args.name or said.get('name')
        source = parsed_args.source or said.get('source')
        for value, what in ((name, 'a name'), (source, '--source')):
            if not value:
                raise exceptions.CommandError(f'Give {what}, or a --file.')
        source = self.source(source)
        attrs = _attributes(self.connection, source, said, parsed_args)
        mapping = self.client.create_mapping(
            **attrs | {'name': name, 'source_id': source.id}
        )
        return base.show(mapping, _SHOWN)


class ListMapping(base.Lister):
    """List the mappings of the project"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--source',
            metavar='<source>',
            help='List only mappings of this source, by name or id',
        )
        base.add_all_projects_option(parser)
        base.add_paging_options(parser, ('created_at', 'name'))
        return parser

    def take_action(self, parsed_args):
        source = parsed_args.source
        query = {
            'source_id': self.source(source).id if source else None,
            'all_projects': parsed_args.all_projects,
        }
        mappings = self.client.mappings(
            **base.given(query), **base.paging(parsed_args)
        )
        return base.table(mappings, _LISTED)


class ShowMapping(base.ShowOne):
    """Show a mapping"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_mapping_argument(parser)
        return parser

    def take_action(self, parsed_args):
        return base.show(self.mapping(parsed_args.mapping), _SHOWN)


class SetMapping(base.ShowOne):
    """Change a mapping.

    Networks and datastores that are named are added, or mapped anew; the
    others stay. With --file, lists are those of the file.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_mapping_argument(parser)
        parser.add_argument('--name', metavar='<name>', help='Its new name')
        _add_content(parser)
        return parser

    def take_action(self, parsed_args):
        mapping = self.mapping(parsed_args.mapping)
        source = self.client.get_source(mapping.source_id)
        file = parsed_args.file
        said = mapping_file.read(file) if file else {}
        attrs = _attributes(self.connection, source, said, parsed_args)
        for field in {'networks', 'volume_types', 'metadata'} & attrs.keys():
            if field not in said:
                old = {field: mapping[field]}
                attrs[field] = _joined(field, old, attrs)
        if parsed_args.name:
            attrs['name'] = parsed_args.name
        mapping = self.client.update_mapping(mapping, **attrs)
        return base.show(mapping, _SHOWN)


def _joined(field, old, new):
    if field == 'metadata':
        return old[field] | new[field]
    return _merged(old, {field: new[field]})[field]


class DeleteMapping(base.Command):
    """Delete mappings; migrations keep what they yielded"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_mapping_argument(parser, nargs='+')
        return parser

    def take_action(self, parsed_args):
        base.each(
            parsed_args.mapping,
            lambda name: self.client.delete_mapping(
                self.mapping(name).id, ignore_missing=False
            ),
        )


class ExportMapping(base.Command):
    """Print a mapping as YAML, with names in place of ids.

    The file can be reviewed, changed and read by "mapping create --file",
    in another project or cloud, too.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_mapping_argument(parser)
        return parser

    def take_action(self, parsed_args):
        mapping = self.mapping(parsed_args.mapping)
        source = self.client.get_source(mapping.source_id)
        self.app.stdout.write(
            mapping_file.text(self.connection, source, mapping)
        )


class ListUnmapped(base.Lister):
    """List what of a set of machines a mapping leaves open"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_mapping_argument(parser)
        parser.add_argument(
            'machine',
            metavar='<machine>',
            nargs='*',
            help='Names or ids of machines (default: all of the source)',
        )
        return parser

    def take_action(self, parsed_args):
        mapping = self.mapping(parsed_args.mapping)
        found = self.client.unmapped(
            mapping, **self._which(mapping, parsed_args.machine)
        )
        rows = [
            (
                kind,
                entry['name'],
                entry[key],
                format_columns.ListColumn(entry['machine_ids']),
            )
            for kind, key in (('network', 'source'), ('datastore',) * 2)
            for entry in found[f'{kind}s']
        ]
        return ('Kind', 'Name', 'ID', 'Machines'), rows

    def _which(self, mapping, names):
        if not names:
            return {'all': True}
        source = self.client.get_source(mapping.source_id)
        find = self.client.find_machine
        return {
            'machine_ids': [
                find(name, source, ignore_missing=False).id for name in names
            ]
        }
