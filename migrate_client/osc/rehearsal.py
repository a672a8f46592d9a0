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


"""Commands on rehearsals: test boots of a warm migration."""

import argparse

from osc_lib import exceptions

from migrate_client.osc import base
from migrate_client.osc import columns
from migrate_client.osc import wait

_SHOWN = {
    'id': None,
    'migration_id': None,
    'status': None,
    'verdict': None,
    'error': columns.ErrorColumn,
    'network_id': None,
    'probe': columns.DetailsColumn,
    'result': columns.DetailsColumn,
    'timings': columns.DetailsColumn,
    'user_id': None,
    'created_at': None,
    'started_at': None,
    'ended_at': None,
}
_LISTED = {
    'ID': 'id',
    'Status': 'status',
    'Verdict': 'verdict',
    'Created At': 'created_at',
    'Ended At': 'ended_at',
}


class RehearseMigration(base.ShowOne):
    """Boot clones of a warm migration on a network that leads nowhere.

    The source runs on and the copy stays as it is. What was made is removed
    at the end; the console and the results of the probes are kept. With
    --wait the command fails unless the rehearsal has passed.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_migration_argument(parser)
        parser.add_argument(
            '--network',
            metavar='<network>',
            help=(
                'Network of the project to boot on, by name or id; nothing '
                'else should be on it (default: an isolated one is made)'
            ),
        )
        _add_probes(parser)
        base.add_wait(parser)
        return parser

    def take_action(self, parsed_args):
        migration = self.migration(parsed_args.migration)
        after = wait.last_event(self.client, migration)
        network = parsed_args.network and (
            self.connection.network.find_network(
                parsed_args.network, ignore_missing=False
            ).id
        )
        attrs = {'network_id': network, 'probe': _probe(parsed_args) or None}
        rehearsal = self.client.rehearse_migration(
            migration, **base.given(attrs)
        )
        if parsed_args.wait:
            wait.follow(self.client, migration, self.app.stderr, after=after)
            rehearsal = self.client.get_rehearsal(rehearsal.id, migration)
            _require_green(rehearsal)
        return base.show(rehearsal, _SHOWN)


class ListRehearsal(base.Lister):
    """List the rehearsals of a migration, oldest first"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_migration_argument(parser)
        base.add_paging_options(parser, ('created_at',))
        return parser

    def take_action(self, parsed_args):
        migration = self.migration(parsed_args.migration)
        rehearsals = self.client.rehearsals(
            migration, **base.paging(parsed_args)
        )
        return base.table(rehearsals, _LISTED)


class ShowRehearsal(base.ShowOne):
    """Show a rehearsal and what stood on its console.

    "-c console -f value" prints the console alone.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_migration_argument(parser)
        parser.add_argument(
            'rehearsal',
            metavar='<rehearsal>',
            nargs='?',
            help='Id of the rehearsal (default: the last one)',
        )
        return parser

    def take_action(self, parsed_args):
        migration = self.migration(parsed_args.migration)
        id = parsed_args.rehearsal or (migration.rehearsal or {}).get('id')
        if not id:
            raise exceptions.CommandError(
                f'The migration {migration.id} was not rehearsed yet.'
            )
        rehearsal = self.client.get_rehearsal(id, migration)
        return base.show(rehearsal, _SHOWN | {'console': None})


def _add_probes(parser):
    group = parser.add_argument_group(
        'what must be seen (default: what the migration asks for)'
    )
    group.add_argument(
        '--probe-expect',
        metavar='<text>',
        help='A text on the console, in the place of a login prompt',
    )
    group.add_argument(
        '--no-probe-console',
        dest='probe_console',
        action='store_const',
        const=False,
        help='Do not look at the console',
    )
    group.add_argument(
        '--probe-ping',
        action='store_const',
        const=True,
        help='An answer to a ping',
    )
    group.add_argument(
        '--probe-tcp-port',
        metavar='<port>',
        type=int,
        help='A connection to this TCP port',
    )
    group.add_argument(
        '--probe-http',
        metavar='<port>[/<path>]',
        type=parse_http,
        help='An answer of HTTP below 400, such as from 80/health',
    )
    group.add_argument(
        '--probe-timeout',
        metavar='<seconds>',
        type=int,
        help='Seconds that each of them may take (default: 600)',
    )


def parse_http(text):
    """Return the port and path of ``80`` or ``80/health``.

    :raises argparse.ArgumentTypeError: it does not begin with a port.
    """
    port, _, path = text.partition('/')
    if not port.isdecimal():
        raise argparse.ArgumentTypeError(
            f'{text!r} is not of the form <port>[/<path>]'
        )
    return {'port': int(port), 'path': f'/{path}'}


def _probe(parsed_args):
    return base.given(
        {
            'console': parsed_args.probe_console,
            'expect': parsed_args.probe_expect,
            'ping': parsed_args.probe_ping,
            'tcp_port': parsed_args.probe_tcp_port,
            'http': parsed_args.probe_http,
            'timeout': parsed_args.probe_timeout,
        }
    )


def _require_green(rehearsal):
    if rehearsal.verdict == 'passed' and rehearsal.status == 'ended':
        return
    error = rehearsal.error or {}
    parts = [error.get('message'), error.get('remedy')]
    text = ' '.join(part for part in parts if part)
    verdict = rehearsal.verdict or rehearsal.status
    raise exceptions.CommandError(
        f'The rehearsal {rehearsal.id} {verdict}. {text}'.strip()
    )
