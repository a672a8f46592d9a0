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


"""Commands on sources."""

import pathlib

from osc_lib import exceptions
from osc_lib.cli import format_columns

from migrate_client.osc import base
from migrate_client.osc import columns
from migrate_client.osc import fingerprint
from migrate_client.osc import secret
from migrate_client.osc import wait

_SHOWN = {
    'id': None,
    'name': None,
    'description': None,
    'status': None,
    'error': columns.ErrorColumn,
    'driver': None,
    'address': None,
    'port': None,
    'username': None,
    'fingerprint': None,
    'ca': None,
    'product': format_columns.DictColumn,
    'inventory_at': None,
    'refresh_requested_at': None,
    'project_id': None,
    'created_at': None,
    'updated_at': None,
}


def _read_ca(path):
    try:
        return pathlib.Path(path).read_text()
    except (OSError, UnicodeError) as error:
        raise exceptions.CommandError(
            f'The CA file {path} cannot be read: {error}.'
        ) from error


def _add_access_options(parser, required):
    parser.add_argument(
        '--address',
        metavar='<host>',
        required=required,
        help='Host name or IP address of the vCenter or ESXi',
    )
    parser.add_argument(
        '--port',
        metavar='<port>',
        type=int,
        help='TCP port of its HTTPS API (default: 443)',
    )
    parser.add_argument(
        '--username',
        metavar='<user>',
        required=required,
        help='The account that the service logs in with',
    )
    secret.add_options(parser)
    parser.add_argument(
        '--ca-file',
        metavar='<file>',
        help=(
            'Certificates (PEM) that the source is verified with; by '
            "default the worker's own"
        ),
    )
    parser.add_argument(
        '--fingerprint',
        metavar='<sha256>',
        type=fingerprint.normalise,
        help=(
            'Pin the certificate of the source by its SHA-256, hexadecimal '
            'with or without colons, as "migration source fingerprint" '
            'shows it'
        ),
    )
    parser.add_argument(
        '--description',
        metavar='<text>',
        help='A text for people',
    )


def _access(parsed_args, password):
    ca_file = parsed_args.ca_file
    return base.given(
        {
            'address': parsed_args.address,
            'port': parsed_args.port,
            'username': parsed_args.username,
            'password': password,
            'ca': _read_ca(ca_file) if ca_file else None,
            'fingerprint': parsed_args.fingerprint,
            'description': parsed_args.description,
        }
    )


class CreateSource(base.ShowOne):
    """Register a vCenter or ESXi as a source of machines.

    A worker then verifies address, certificate, account and privileges, and
    reads the inventory; --wait waits for the result. The password is taken
    from --password-file, --password-prompt, the environment variable
    MIGRATION_SOURCE_PASSWORD or the terminal, in this order, never from the
    command line.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument('name', metavar='<name>', help='Its name')
        parser.add_argument(
            '--driver',
            metavar='<driver>',
            default='vsphere',
            help='What kind of source it is (default: vsphere)',
        )
        _add_access_options(parser, required=True)
        parser.add_argument(
            '--wait',
            action='store_true',
            help='Wait until it is verified and its inventory is read',
        )
        return parser

    def take_action(self, parsed_args):
        source = self.client.create_source(
            name=parsed_args.name,
            driver=parsed_args.driver,
            **_access(parsed_args, secret.required(parsed_args)),
        )
        if parsed_args.wait:
            source = wait.verified(self.client, source)
        return base.show(source, _SHOWN)


class ListSource(base.Lister):
    """List the sources of the project"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--status',
            metavar='<status>',
            choices=('verifying', 'ready', 'error'),
            help='List only sources that are verifying, ready or in error',
        )
        parser.add_argument(
            '--name', metavar='<name>', help='List only sources of this name'
        )
        base.add_all_projects_option(parser)
        base.add_paging_options(parser, ('created_at', 'name', 'status'))
        return parser

    def take_action(self, parsed_args):
        query = {
            'status': parsed_args.status,
            'name': parsed_args.name,
            'all_projects': parsed_args.all_projects,
        }
        return base.table(
            self.client.sources(
                **base.given(query), **base.paging(parsed_args)
            ),
            {
                'ID': 'id',
                'Name': 'name',
                'Status': 'status',
                'Driver': 'driver',
                'Address': 'address',
                'Inventory At': 'inventory_at',
            },
        )


class ShowSource(base.ShowOne):
    """Show a source: its status, and what it said that it is"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_argument(parser)
        return parser

    def take_action(self, parsed_args):
        return base.show(self.source(parsed_args.source), _SHOWN)


class SetSource(base.Command):
    """Change a source.

    The password is changed only if --password-prompt or --password-file is
    given. A change of how the source is reached has it verified again.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_argument(parser)
        parser.add_argument('--name', metavar='<name>', help='A new name')
        _add_access_options(parser, required=False)
        return parser

    def take_action(self, parsed_args):
        changes = _access(parsed_args, secret.asked(parsed_args))
        changes |= base.given({'name': parsed_args.name})
        if not changes:
            raise exceptions.CommandError(
                'Nothing is to be changed; give at least one option.'
            )
        source = self.source(parsed_args.source)
        self.client.update_source(source, **changes)


class DeleteSource(base.Command):
    """Forget sources, with their credentials and inventory.

    The machines themselves are not touched. A source is kept while
    migrations use it.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_argument(parser, nargs='+')
        return parser

    def take_action(self, parsed_args):
        base.each(
            parsed_args.source,
            lambda name: self.client.delete_source(
                self.source(name), ignore_missing=False
            ),
        )


class RefreshSource(base.Command):
    """Verify a source and read its inventory again"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_argument(parser)
        parser.add_argument(
            '--wait',
            action='store_true',
            help='Wait until the inventory is read',
        )
        return parser

    def take_action(self, parsed_args):
        source = self.source(parsed_args.source)
        self.client.refresh_source(source.id)
        if parsed_args.wait:
            wait.verified(self.client, source)
