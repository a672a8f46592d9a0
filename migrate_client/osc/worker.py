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


"""Commands on workers, for administrators."""

from osc_lib import exceptions
from osc_lib.cli import format_columns

from migrate_client.osc import base
from migrate_client.osc import columns

_SHOWN = {
    'name': None,
    'state': None,
    'reason': None,
    'alive': None,
    'last_seen_at': None,
    'slots': None,
    'used': None,
    'load': format_columns.DictColumn,
    'transports': format_columns.ListColumn,
    'facts': columns.DetailsColumn,
    'version': None,
}


def _add_worker(parser):
    parser.add_argument(
        'worker', metavar='<worker>', help='Name of the worker (its node)'
    )


class ListWorker(base.Lister):
    """List the workers of the cloud (administrators only)"""

    def take_action(self, parsed_args):
        return base.table(
            self.client.workers(),
            {
                'Name': 'name',
                'State': 'state',
                'Alive': 'alive',
                'Slots': 'slots',
                'Used': 'used',
                'Transports': lambda worker: format_columns.ListColumn(
                    worker.transports
                ),
                'Version': 'version',
                'Last Seen At': 'last_seen_at',
            },
        )


class ShowWorker(base.ShowOne):
    """Show a worker: its slots, load and when it was last seen"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_worker(parser)
        return parser

    def take_action(self, parsed_args):
        return base.show(self.client.get_worker(parsed_args.worker), _SHOWN)


class SetWorker(base.Command):
    """Enable, disable or drain a worker.

    A disabled worker takes nothing new; a draining one also gives back what
    it has, and others go on with it at its checkpoint.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_worker(parser)
        group = parser.add_mutually_exclusive_group()
        for option, state, text in (
            ('--enable', 'enabled', 'Let it take migrations'),
            ('--disable', 'disabled', 'Give it no new migrations'),
            ('--drain', 'draining', 'Move its migrations to others'),
        ):
            group.add_argument(
                option,
                dest='state',
                action='store_const',
                const=state,
                help=text,
            )
        parser.add_argument(
            '--reason', metavar='<text>', help='Why, for other operators'
        )
        return parser

    def take_action(self, parsed_args):
        changes = base.given(
            {'state': parsed_args.state, 'reason': parsed_args.reason}
        )
        if not changes:
            raise exceptions.CommandError(
                'Nothing is to be changed; give --enable, --disable, '
                '--drain or --reason.'
            )
        self.client.update_worker(parsed_args.worker, **changes)
