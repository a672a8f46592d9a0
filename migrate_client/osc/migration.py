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


"""Commands on migrations."""

from osc_lib.cli import format_columns

from migrate_client.osc import base
from migrate_client.osc import choices
from migrate_client.osc import columns
from migrate_client.osc import cutover
from migrate_client.osc import progress
from migrate_client.osc import wait

_SHOWN = {
    'id': None,
    'name': None,
    'kind': None,
    'status': None,
    'step': None,
    'error': columns.ErrorColumn,
    'warnings': columns.LinesColumn,
    'progress': progress.ProgressColumn,
    'conversion': columns.DetailsColumn,
    'cutover': columns.DetailsColumn,
    'predicted_downtime': cutover.PredictionColumn,
    'downtime': cutover.DowntimeColumn,
    'source_id': None,
    'machine_id': None,
    'machine_name': None,
    'mapping_id': None,
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
    'convert': None,
    'verify': None,
    'transport': None,
    'shutdown_timeout': None,
    'bandwidth_limit': None,
    'delta': None,
    'sync_interval': None,
    'probe': format_columns.DictColumn,
    'override': format_columns.ListColumn,
    'require_rehearsal': None,
    'rehearsal': columns.DetailsColumn,
    'acceptance': None,
    'auto_rollback': None,
    'result': columns.DetailsColumn,
    'attempt': None,
    'worker': None,
    'project_id': None,
    'user_id': None,
    'cancel_requested_at': None,
    'retry_requested_at': None,
    'sync_requested_at': None,
    'cutover_at': None,
    'rehearse_requested_at': None,
    'accept_at': None,
    'rollback_requested_at': None,
    'prepare_requested_at': None,
    'created_at': None,
    'updated_at': None,
    'started_at': None,
    'ended_at': None,
}


def _figure(name, column):
    """Return a function that shows one figure of a progress."""
    return lambda migration: column((migration.progress or {}).get(name))


_LISTED = {
    'ID': 'id',
    'Name': 'name',
    'Status': 'status',
    'Step': 'step',
    'Progress': _figure('percent', columns.PercentColumn),
    'Time Left': _figure('seconds_left', columns.DurationColumn),
}

_LISTED_LONG = _LISTED | {
    'Machine': 'machine_name',
    'Source ID': 'source_id',
    'Copied': _figure('bytes_copied', columns.SizeColumn),
    'Total': _figure('bytes_total', columns.SizeColumn),
    'Rate': _figure('rate', columns.RateColumn),
    'Server ID': lambda migration: (migration.result or {}).get('server_id'),
    'Project ID': 'project_id',
    'Created At': 'created_at',
    'Ended At': 'ended_at',
}


class CreateMigration(base.ShowOne):
    """Move a machine of a source into the project.

    With --wait the command shows the progress on the standard error (live
    on a terminal, else one line an event) until the migration has ended,
    and fails with the cause and the remedy unless it has completed.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_option(parser)
        parser.add_argument(
            '--machine',
            metavar='<machine>',
            required=True,
            help='Name or id of the machine',
        )
        choices.add_options(parser)
        base.add_wait(parser)
        return parser

    def take_action(self, parsed_args):
        source = self.source(parsed_args.source)
        machine = self.client.find_machine(
            parsed_args.machine, source, ignore_missing=False
        )
        migration = self.client.create_migration(
            source_id=source.id,
            machine_id=machine.id,
            **choices.resolve(self.connection, source, parsed_args),
        )
        if parsed_args.wait:
            migration = wait.follow(self.client, migration, self.app.stderr)
            wait.require(migration, ('completed', 'waiting'))
        return base.show(migration, _SHOWN)


class ListMigration(base.Lister):
    """List the migrations of the project.

    Sizes and times are shown for people; with -f json they are in bytes,
    bytes a second and seconds.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--status',
            metavar='<status>',
            choices=(
                'accepted',
                'running',
                'waiting',
                'rolling_back',
                'cancelling',
                'cancelled',
                'completed',
                'error',
            ),
            help=(
                'List only migrations that are accepted, running, waiting, '
                'rolling_back, cancelling, cancelled, completed or in error'
            ),
        )
        parser.add_argument(
            '--step',
            metavar='<step>',
            help=(
                'List only migrations at this step: await_acceptance lists '
                'the servers that wait to be accepted or rolled back'
            ),
        )
        parser.add_argument(
            '--source',
            metavar='<source>',
            help='List only migrations from this source, by name or id',
        )
        parser.add_argument(
            '--name',
            metavar='<name>',
            help='List only migrations of this name',
        )
        base.add_all_projects_option(parser)
        parser.add_argument(
            '--long',
            action='store_true',
            help='Show also machine, source, bytes, rate, server and times',
        )
        base.add_paging_options(
            parser, ('created_at', 'name', 'status', 'machine_name')
        )
        return parser

    def take_action(self, parsed_args):
        source = parsed_args.source
        query = {
            'status': parsed_args.status,
            'step': parsed_args.step,
            'source_id': self.source(source).id if source else None,
            'name': parsed_args.name,
            'all_projects': parsed_args.all_projects,
        }
        migrations = self.client.migrations(
            **base.given(query), **base.paging(parsed_args)
        )
        return base.table(
            migrations, _LISTED_LONG if parsed_args.long else _LISTED
        )


class ShowMigration(base.ShowOne):
    """Show a migration: where it stands, and what it was asked to do"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_migration_argument(parser)
        return parser

    def take_action(self, parsed_args):
        return base.show(self.migration(parsed_args.migration), _SHOWN)


class CancelMigration(base.MigrationAction):
    """Stop a migration and remove what it created.

    The machine of the source gets back the power state that it had.
    """

    until = wait.SETTLED - {'waiting'}
    good = ('cancelled',)

    def ask(self, migration, parsed_args):
        self.client.cancel_migration(migration.id)


class RetryMigration(base.MigrationAction):
    """Let a migration in error go on at the step that failed"""

    def ask(self, migration, parsed_args):
        self.client.retry_migration(migration.id)


class SyncMigration(base.MigrationAction):
    """Have a warm migration copy what changed now"""

    def ask(self, migration, parsed_args):
        self.client.sync_migration(migration.id)


class DeleteMigration(base.Command):
    """Forget migrations that have ended.

    Only the records, events and logs go; servers and volumes stay.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_migration_argument(parser, nargs='+')
        return parser

    def take_action(self, parsed_args):
        base.each(
            parsed_args.migration,
            lambda name: self.client.delete_migration(
                self.migration(name), ignore_missing=False
            ),
        )
