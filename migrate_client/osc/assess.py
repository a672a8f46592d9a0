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

"""Assess machines, and show what was found about each."""

from cliff import columns as cliff_columns
from osc_lib import exceptions

from migrate_client.osc import base
from migrate_client.osc import choices
from migrate_client.osc import columns
from migrate_client.osc import places
from migrate_client.osc import wait

#: The options that are sent as they are given.
_AS_GIVEN = (
    'kind',
    'volume_type',
    'availability_zone',
    'key_name',
    'keep_mac',
    'keep_ip',
    'convert',
    'transport',
    'override',
)
#: Formats that people read; the others get everything.
_FOR_PEOPLE = ('table', 'csv', 'value')
_MACHINES_READ = {
    'machine': 'name',
    'machine_id': 'machine_id',
    'severity': 'severity',
    'concerns': 'concerns',
    'flavor': 'flavor',
    'volumes': 'volumes',
    'size': 'size',
    'prediction': 'prediction',
}
_ORDER = {'warning': ('blocking', 'warning'), 'blocking': ('blocking',)}


class SentencesColumn(cliff_columns.FormattableColumn):
    """Concerns; people read what was found and what to do, one a line."""

    def human_readable(self):
        return '\n'.join(
            f'{one["severity"]}: {one["what"]} {one["remedy"]}'
            for one in self._value
        )


def _codes(severity):
    """Return a function that shows the codes of one severity."""

    def codes(machine):
        return '\n'.join(
            one['code'].removeprefix('concern.')
            + (' (overridden)' if one['overridden'] else '')
            for one in machine.concerns
            if one['severity'] == severity
        )

    return codes


_LISTED = {
    'Machine': 'name',
    'Blocking': _codes('blocking'),
    'Warnings': _codes('warning'),
    'Flavor': lambda machine: (machine.flavor or {}).get('name'),
    'Size': lambda machine: columns.SizeColumn(machine.size),
    'Copy Time': lambda machine: columns.DurationColumn(
        machine.prediction['copy_seconds']
    ),
    'Downtime': lambda machine: columns.DurationColumn(
        machine.prediction['downtime_seconds']
    ),
}
_LISTED_LONG = {
    'Machine': 'name',
    'Concerns': lambda machine: SentencesColumn(machine.concerns),
}


def _add_long(parser):
    parser.add_argument(
        '--long',
        action='store_true',
        help='Show what was found in sentences, and what to do',
    )


def _table(machines, parsed_args):
    """Return the table of machines for the format that was chosen."""
    if parsed_args.formatter not in _FOR_PEOPLE:
        return base.table(machines, _MACHINES_READ)
    return base.table(machines, _LISTED_LONG if parsed_args.long else _LISTED)


class AssessMachines(base.Lister):
    """See what stands against moving machines; nothing is created.

    The table shows the codes of the concerns, --long sentences with
    remedies. With -f json each machine is one object with its list of
    concerns: code, severity, what, why and remedy.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'machine',
            metavar='<machine>',
            nargs='*',
            help='Names or ids of machines, in the order of their quotas',
        )
        parser.add_argument(
            '--all',
            action='store_true',
            help='Assess all machines of the source',
        )
        parser.add_argument(
            '--source',
            metavar='<source>',
            help=(
                'Name or id of the source (default: that of --mapping, or '
                'the only one)'
            ),
        )
        parser.add_argument(
            '--kind',
            choices=('cold', 'warm'),
            help='How they would be moved (default: cold)',
        )
        parser.add_argument(
            '--fail-on',
            choices=('blocking', 'warning'),
            help='Exit with 2 if a machine has such a concern, or a worse one',
        )
        _add_how(parser)
        choices.add_mapping(parser)
        _add_long(parser)
        choices.add_target(parser)
        return parser

    def run(self, parsed_args):
        self._status = 0
        return super().run(parsed_args) or self._status

    def take_action(self, parsed_args):
        source = self._source(parsed_args)
        assessment = self.client.create_assessment(
            source_id=source.id,
            **self._which(source, parsed_args),
            **self._options(source, parsed_args),
        )
        assessment = wait.assessed(self.client, assessment)
        machines = list(self.client.assessed_machines(assessment))
        self._summarize(assessment)
        if parsed_args.fail_on:
            bad = _ORDER[parsed_args.fail_on]
            self._status = 2 * any(
                one['severity'] in bad and not one['overridden']
                for machine in machines
                for one in machine.concerns
            )
        return _table(machines, parsed_args)

    def _source(self, parsed_args):
        if parsed_args.source:
            return self.source(parsed_args.source)
        if parsed_args.mapping:
            mapping = self.client.find_mapping(
                parsed_args.mapping, ignore_missing=False
            )
            return self.client.get_source(mapping.source_id)
        found = list(self.client.sources())
        if len(found) != 1:
            raise exceptions.CommandError(
                f'The project has {len(found)} sources: name one with '
                '--source.'
            )
        return found[0]

    def _which(self, source, parsed_args):
        if parsed_args.all == bool(parsed_args.machine):
            raise exceptions.CommandError('Name machines, or give --all.')
        if parsed_args.all:
            return {'all': True}
        return {
            'machine_ids': [
                self.client.find_machine(name, source, ignore_missing=False).id
                for name in parsed_args.machine
            ]
        }

    def _options(self, source, parsed_args):
        chosen = {name: getattr(parsed_args, name) for name in _AS_GIVEN}
        chosen['mapping_id'] = choices.mapping_id(self.client, parsed_args)
        chosen['metadata'] = parsed_args.property
        chosen |= places.resolve(self.connection, source, parsed_args)
        return base.given(chosen)

    def _summarize(self, assessment):
        """Say the totals on the standard error."""
        totals = assessment.totals
        say = self.app.stderr.write
        say(
            f'Assessment {assessment.id}: {totals["machines"]} machines, '
            f'{totals["blocked"]} blocked, {totals["warned"]} with warnings, '
            f'{columns.size(totals["bytes"])} to copy.\n'
        )
        for quota in totals['quotas']:
            if not quota['suffices']:
                say(
                    f'The quota {quota["name"]} does not suffice: '
                    f'{quota["needed"]} needed, {quota["free"]} free of '
                    f'{quota["limit"]}.\n'
                )
        if not totals['rates']['copy_rate']['measured']:
            say('Nothing was measured here yet: times are by default rates.\n')


class ListAssessedMachine(base.Lister):
    """List what an assessment found about each machine"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'assessment', metavar='<assessment>', help='Id of the assessment'
        )
        parser.add_argument(
            '--severity',
            choices=('blocking', 'warning', 'info'),
            help='List only machines whose worst concern is of this severity',
        )
        _add_long(parser)
        base.add_paging_options(parser, ('position', 'name'))
        return parser

    def take_action(self, parsed_args):
        query = base.given({'severity': parsed_args.severity})
        machines = self.client.assessed_machines(
            parsed_args.assessment, **query, **base.paging(parsed_args)
        )
        return _table(machines, parsed_args)


def _add_how(parser):
    parser.add_argument(
        '--convert',
        choices=('auto', 'none', 'minimal', 'full'),
        help='How the guest would be made ready (default: auto)',
    )
    parser.add_argument(
        '--transport',
        choices=('auto', 'https', 'file'),
        help='How the disks would be read (default: auto)',
    )
    parser.add_argument(
        '--override',
        metavar='<code>',
        action='append',
        help='A concern that shall not block; only some can be (repeatable)',
    )
