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


"""What every command has: the proxy, and errors as sentences."""

import typing

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions
from osc_lib.command import command

from migrate_client import errors
from migrate_client.osc import wait


class Command(command.Command):
    """A command that talks to the migration service."""

    # What the plugins of a client manager add to it is not declared there.
    app: typing.Any

    @property
    def client(self):
        """The ``migration`` proxy."""
        return self.app.client_manager.migration

    @property
    def connection(self):
        """The connection, for the proxies of the other services."""
        return self.app.client_manager.sdk_connection

    def source(self, name_or_id):
        """Return a source, by name or id."""
        return self.client.find_source(name_or_id, ignore_missing=False)

    def migration(self, name_or_id):
        """Return a migration, by name or id."""
        return self.client.find_migration(name_or_id, ignore_missing=False)

    def mapping(self, name_or_id):
        """Return a mapping, by name or id."""
        return self.client.find_mapping(name_or_id, ignore_missing=False)

    def plan(self, name_or_id):
        """Return a plan, by name or id."""
        return self.client.find_plan(name_or_id, ignore_missing=False)

    def run(self, parsed_args):
        try:
            return super().run(parsed_args)
        except sdk_exceptions.HttpException as error:
            raise exceptions.CommandError(
                str(errors.explain(error))
            ) from error


class Lister(Command, command.Lister):
    """A command that prints a table."""


class ShowOne(Command, command.ShowOne):
    """A command that prints one resource."""


def add_paging_options(parser, sort_keys):
    """Add ``--limit``, ``--marker`` and ``--sort`` to a list command.

    :param sort_keys: the names that the service sorts this list by.
    """
    parser.add_argument(
        '--limit',
        metavar='<count>',
        type=int,
        help='List at most this many (default: all)',
    )
    parser.add_argument(
        '--marker',
        metavar='<id>',
        help='List what follows the resource with this id',
    )
    parser.add_argument(
        '--sort',
        metavar='<key>[:<direction>]',
        help=(
            f'Sort by {", ".join(sort_keys)}; the direction is asc '
            '(default) or desc'
        ),
    )


def paging(parsed_args):
    """Return the query of the options of :func:`add_paging_options`."""
    query = {'max_items': parsed_args.limit, 'marker': parsed_args.marker}
    if parsed_args.sort:
        key, _, direction = parsed_args.sort.partition(':')
        query |= {'sort_key': key, 'sort_dir': direction or 'asc'}
    return given(query)


def given(options):
    """Return ``options`` without those that were not given (None)."""
    return {
        name: value for name, value in options.items() if value is not None
    }


def add_source_argument(parser, nargs=None):
    """Add the positional argument ``source``."""
    parser.add_argument(
        'source',
        metavar='<source>',
        nargs=nargs,
        help='Name or id of the source',
    )


def show(resource, shown):
    """Return what a ``ShowOne`` command returns.

    :param shown: ``{attribute: class of the column or None}``, in order.
    """
    values = [
        kind(resource[name]) if kind else resource[name]
        for name, kind in shown.items()
    ]
    return tuple(shown), tuple(values)


def table(resources, shown):
    """Return what a ``Lister`` command returns.

    :param shown: ``{header: attribute, or function of the resource}``.
    """
    rows = (
        tuple(
            get(resource) if callable(get) else resource[get]
            for get in shown.values()
        )
        for resource in resources
    )
    return tuple(shown), rows


def each(names, act):
    """Call ``act`` with each name; fail at the end if any failed.

    :raises CommandError: with a sentence for each that failed.
    """
    failures = []
    for name in names:
        try:
            act(name)
        except sdk_exceptions.HttpException as error:
            failures.append(f'{name}: {errors.explain(error)}')
        except sdk_exceptions.SDKException as error:
            failures.append(f'{name}: {error}')
    if failures:
        raise exceptions.CommandError('\n'.join(failures))


def add_source_option(parser):
    """Add the required option ``--source``."""
    parser.add_argument(
        '--source',
        metavar='<source>',
        required=True,
        help='Name or id of the source',
    )


def add_migration_argument(parser, nargs=None):
    """Add the positional argument ``migration``."""
    parser.add_argument(
        'migration',
        metavar='<migration>',
        nargs=nargs,
        help='Name or id of the migration',
    )


def add_grant_arguments(parser, nargs=None):
    """Add the positional arguments ``source`` and ``grant``."""
    add_source_argument(parser)
    parser.add_argument(
        'grant', metavar='<grant>', nargs=nargs, help='Id of the grant'
    )


def add_mapping_argument(parser, nargs=None):
    """Add the positional argument ``mapping``."""
    parser.add_argument(
        'mapping',
        metavar='<mapping>',
        nargs=nargs,
        help='Name or id of the mapping',
    )


def add_plan_argument(parser, nargs=None):
    """Add the positional argument ``plan``."""
    parser.add_argument(
        'plan', metavar='<plan>', nargs=nargs, help='Name or id of the plan'
    )


def add_all_projects_option(parser):
    """Add ``--all-projects``; absent it is None."""
    parser.add_argument(
        '--all-projects',
        action='store_true',
        default=None,
        help='List those of all projects (administrators only)',
    )


def add_wait(parser):
    """Add the option ``--wait``."""
    parser.add_argument(
        '--wait',
        action='store_true',
        help='Show the progress until the migration has ended',
    )


class MigrationAction(Command):
    """Ask for something, and follow what comes of it with --wait.

    ``until`` are the statuses at which the waiting ends, ``good`` those of
    them that are a success.
    """

    until = wait.SETTLED
    good: tuple[str, ...] = ('completed', 'waiting')
    #: A function of the migration that tells another end of the waiting.
    over: typing.Any = None

    def ask(self, migration, parsed_args):
        """Send the wish."""
        raise NotImplementedError

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        add_migration_argument(parser)
        add_wait(parser)
        return parser

    def take_action(self, parsed_args):
        migration = self.migration(parsed_args.migration)
        after = wait.last_event(self.client, migration)
        self.ask(migration, parsed_args)
        if parsed_args.wait:
            self.require(self.follow(migration, after))

    def follow(self, migration, after):
        """Wait until what was asked for has ended; return the migration."""
        return wait.follow(
            self.client,
            migration,
            self.app.stderr,
            after=after,
            until=self.until,
            over=self.over,
        )

    def require(self, migration):
        """Raise ``CommandError`` unless it ended as was asked."""
        wait.require(migration, self.good)


class PlanAction(Command):
    """Ask something of a plan."""

    def ask(self, plan):
        """Send the wish."""
        raise NotImplementedError

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        add_plan_argument(parser)
        return parser

    def take_action(self, parsed_args):
        self.ask(self.plan(parsed_args.plan))
