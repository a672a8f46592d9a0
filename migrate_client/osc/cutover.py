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


"""The cutover of warm migrations: the command, and what it costs."""

from cliff import columns as cliff_columns
from osc_lib import exceptions

from migrate_client.osc import base
from migrate_client.osc import wait


class PredictionColumn(cliff_columns.FormattableColumn):
    """What a cutover would take, by part, and where each figure is from."""

    def human_readable(self):
        told = self._value
        if not told:
            return ''
        lines = [
            f'  {part}: {seconds:.1f} s ({told["basis"][part]})'
            for part, seconds in told['parts'].items()
        ]
        return '\n'.join([f'{told["total"]:.1f} s', *lines])


class DowntimeColumn(cliff_columns.FormattableColumn):
    """What the cutover took, by part."""

    def human_readable(self):
        parts = dict(self._value or {})
        total = parts.pop('total', None)
        if total is None:
            return ''
        lines = [
            f'  {part}: {seconds:.1f} s'
            for part, seconds in parts.items()
            if seconds is not None
        ]
        return '\n'.join([f'{total:.1f} s', *lines])


class CutoverMigration(base.MigrationAction):
    """Stop the source of a warm migration, copy the rest, boot the server.

    Now, at a time, or in a window; with --max-downtime only when the
    predicted downtime fits. Until the cutover has begun, the command given
    again replaces all of that, and --withdraw takes it back.
    """

    until = wait.SETTLED - {'waiting'}
    good = ('completed', 'waiting')

    @staticmethod
    def over(migration):
        """Whether the cutover is over: the server runs, or was given up."""
        return migration.status == 'waiting' and (
            migration.step == 'await_acceptance' or not migration.cutover_at
        )

    def require(self, migration):
        super().require(migration)
        if migration.status == 'waiting' and migration.step != (
            'await_acceptance'
        ):
            result = migration.result or {}
            failed = result.get('failed_probe') or {}
            why = failed.get('message') or (migration.warnings or [''])[-1]
            raise exceptions.CommandError(
                f'The machine was not moved; it waits again: {why}'
            )

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--at',
            metavar='<time>',
            help='When, ISO 8601; UTC without a zone (default: now)',
        )
        parser.add_argument(
            '--not-before',
            metavar='<time>',
            help='From when it may begin, ISO 8601 (default: now)',
        )
        parser.add_argument(
            '--not-after',
            metavar='<time>',
            help=(
                'When it is too late to begin, ISO 8601; the migration then '
                'goes on waiting'
            ),
        )
        parser.add_argument(
            '--max-downtime',
            metavar='<seconds>',
            type=int,
            help='Begin only when the predicted downtime is at most this',
        )
        parser.add_argument(
            '--withdraw',
            action='store_true',
            help='Take back a cutover that has not begun',
        )
        return parser

    def take_action(self, parsed_args):
        if parsed_args.withdraw and parsed_args.wait:
            raise exceptions.CommandError(
                '--withdraw: there is nothing to --wait for'
            )
        return super().take_action(parsed_args)

    def ask(self, migration, parsed_args):
        when = base.given(
            {
                name: getattr(parsed_args, name)
                for name in ('at', 'not_before', 'not_after', 'max_downtime')
            }
        )
        if not parsed_args.withdraw:
            self.client.cut_over_migration(migration.id, **when)
        elif when:
            raise exceptions.CommandError(
                '--withdraw: not together with a time or a limit'
            )
        else:
            self.client.withdraw_cutover(migration.id)
