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

"""Commands on grants: which projects see which part of a source."""

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions
from osc_lib.cli import format_columns

from migrate_client.osc import base

_SHOWN = {
    'id': None,
    'source_id': None,
    'project_id': None,
    'folders': format_columns.ListColumn,
    'tags': format_columns.ListColumn,
    'resource_pools': format_columns.ListColumn,
    'machine_count': None,
    'user_id': None,
    'created_at': None,
}
_LISTED = {
    'ID': 'id',
    'Project ID': 'project_id',
    'Folders': lambda grant: format_columns.ListColumn(grant.folders),
    'Tags': lambda grant: format_columns.ListColumn(grant.tags),
    'Resource Pools': lambda grant: format_columns.ListColumn(
        grant.resource_pools
    ),
    'Machines': 'machine_count',
}


class CreateGrant(base.ShowOne):
    """Let a project see and move a part of a source (administrators only).

    It sees the machines that are in one of the folders, have one of the
    tags or are in one of the resource pools; nothing else of the source.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_argument(parser)
        parser.add_argument(
            'project',
            metavar='<project>',
            help='Name or id of the project',
        )
        for name, what in (
            ('folder', 'in this folder or below it: a path such as /dc/web'),
            ('tag', 'with this tag, category:name'),
            ('resource-pool', 'in resource pools of this name'),
        ):
            parser.add_argument(
                f'--{name}',
                metavar=f'<{name}>',
                action='append',
                default=[],
                help=f'Machines {what} (repeatable)',
            )
        return parser

    def take_action(self, parsed_args):
        grant = self.client.create_grant(
            self.source(parsed_args.source),
            project_id=self._project(parsed_args.project),
            folders=parsed_args.folder,
            tags=parsed_args.tag,
            resource_pools=parsed_args.resource_pool,
        )
        return base.show(grant, _SHOWN)

    def _project(self, name):
        try:
            find = self.connection.identity.find_project
            return find(name, ignore_missing=False).id
        except sdk_exceptions.NotFoundException:
            raise exceptions.CommandError(
                f'No project has the name or id {name}.'
            ) from None
        except sdk_exceptions.DuplicateResource:
            raise exceptions.CommandError(
                f'Several projects are named {name}; use the id of one.'
            ) from None


class ListGrant(base.Lister):
    """List the grants of a source (administrators only)"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_argument(parser)
        base.add_paging_options(parser, ('created_at', 'project_id'))
        return parser

    def take_action(self, parsed_args):
        source = self.source(parsed_args.source)
        grants = self.client.grants(source, **base.paging(parsed_args))
        return base.table(grants, _LISTED)


class ShowGrant(base.ShowOne):
    """Show a grant of a source (administrators only)"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_grant_arguments(parser)
        return parser

    def take_action(self, parsed_args):
        source = self.source(parsed_args.source)
        grant = self.client.get_grant(parsed_args.grant, source)
        return base.show(grant, _SHOWN)


class DeleteGrant(base.Command):
    """Take grants back: no new migration starts by them.

    That is refused while the project moves machines of the source; with
    --force those migrations go on to their end.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_grant_arguments(parser, nargs='+')
        parser.add_argument(
            '--force',
            action='store_true',
            help='Also while its project moves machines of the source',
        )
        return parser

    def take_action(self, parsed_args):
        source = self.source(parsed_args.source)
        base.each(
            parsed_args.grant,
            lambda id: self.client.delete_grant(
                id, source, force=parsed_args.force
            ),
        )
