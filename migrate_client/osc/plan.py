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

"""Commands on plans."""

from osc_lib import exceptions

from migrate_client.osc import base
from migrate_client.osc import columns
from migrate_client.osc import planfile

_SHOWN = {
    'id': None,
    'name': None,
    'description': None,
    'status': None,
    'source_id': None,
    'kind': None,
    'concurrency': None,
    'on_failure': None,
    'retries': None,
    'progress': columns.DetailsColumn,
    'waves': columns.LinesColumn,
    'options': columns.DetailsColumn,
    'windows': columns.DetailsColumn,
    'cutover_requested_at': None,
    'error': columns.ErrorColumn,
    'project_id': None,
    'user_id': None,
    'created_at': None,
    'updated_at': None,
    'started_at': None,
    'ended_at': None,
}


def _count(name):
    return lambda plan: plan.progress[name]


_LISTED = {
    'ID': 'id',
    'Name': 'name',
    'Status': 'status',
    'Machines': _count('machines'),
    'Moving': _count('moving'),
    'Arrived': lambda plan: (
        plan.progress['arrived'] + plan.progress['completed']
    ),
    'Failed': _count('failed'),
    'Percent': _count('percent'),
}


def _add_rules(parser):
    parser.add_argument('--name', metavar='<name>', help='Name of the plan')
    parser.add_argument(
        '--description', metavar='<text>', help='What the plan is for'
    )
    parser.add_argument(
        '--concurrency',
        metavar='<count>',
        type=int,
        help='How many machines move at a time',
    )
    parser.add_argument(
        '--on-failure',
        choices=('stop', 'continue'),
        help='What the failure of a machine does to the plan',
    )
    parser.add_argument(
        '--retries',
        metavar='<count>',
        type=int,
        help='How often a machine that failed is tried again first',
    )


def _rules(parsed_args):
    names = ('name', 'description', 'concurrency', 'on_failure', 'retries')
    return base.given({name: getattr(parsed_args, name) for name in names})


class CreatePlan(base.ShowOne):
    """Create a plan from a file; nothing moves before it is started.

    The file is YAML as "openstack migration plan export" writes it. What is
    given here replaces what the file says.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'file', metavar='<file>', help='The plan file, YAML'
        )
        parser.add_argument(
            '--source',
            metavar='<source>',
            help='Name or id of the source, in place of that of the file',
        )
        _add_rules(parser)
        return parser

    def take_action(self, parsed_args):
        path = parsed_args.file
        found = planfile.read(path)
        name = parsed_args.source or found.get('source')
        if not name:
            raise exceptions.CommandError(
                f'{path}: source: is missing; name one, or give --source.'
            )
        source = self.source(name)
        machines = self.client.machines(source)
        plan = planfile.attributes(path, found, machines)
        plan |= _rules(parsed_args)
        plan = self.client.create_plan(source_id=source.id, **plan)
        return base.show(plan, _SHOWN)


class SetPlan(base.Command):
    """Change a plan: its rules while it runs, everything of a draft"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_plan_argument(parser)
        parser.add_argument(
            '--file',
            metavar='<file>',
            help='A plan file that replaces what the plan holds',
        )
        _add_rules(parser)
        return parser

    def take_action(self, parsed_args):
        plan = self.plan(parsed_args.plan)
        changes = {}
        if parsed_args.file:
            found = planfile.read(parsed_args.file)
            machines = self.client.machines(plan.source_id)
            changes = planfile.attributes(parsed_args.file, found, machines)
        changes |= _rules(parsed_args)
        if not changes:
            raise exceptions.CommandError('Say what is to be changed.')
        self.client.update_plan(plan.id, **changes)


class ExportPlan(base.Command):
    """Print a plan as YAML, to review it or to create another from it"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_plan_argument(parser)
        return parser

    def take_action(self, parsed_args):
        plan = self.plan(parsed_args.plan)
        source = self.client.get_source(plan.source_id)
        machines = self.client.plan_machines(plan)
        self.app.stdout.write(planfile.dump(plan, source.name, machines))


class ListPlan(base.Lister):
    """List the plans of the project"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--status', metavar='<status>', help='List only plans in it'
        )
        base.add_all_projects_option(parser)
        base.add_paging_options(parser, ('created_at', 'name', 'status'))
        return parser

    def take_action(self, parsed_args):
        query = {
            'status': parsed_args.status,
            'all_projects': parsed_args.all_projects,
        }
        plans = self.client.plans(
            **base.given(query), **base.paging(parsed_args)
        )
        return base.table(plans, _LISTED)


class ShowPlan(base.ShowOne):
    """Show a plan, and how far it has come"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_plan_argument(parser)
        return parser

    def take_action(self, parsed_args):
        plan = self.plan(parsed_args.plan)
        return base.show(plan, _SHOWN)


class DeletePlan(base.Command):
    """Delete plans that move nothing; their migrations stay"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_plan_argument(parser, '+')
        return parser

    def take_action(self, parsed_args):
        def delete(name):
            plan = self.plan(name)
            self.client.delete_plan(plan.id, ignore_missing=False)

        base.each(parsed_args.plan, delete)


class StartPlan(base.PlanAction):
    """Start a plan: its migrations act with your roles"""

    def ask(self, plan):
        self.client.start_plan(plan)


class PausePlan(base.PlanAction):
    """Begin nothing new in a plan; what moves goes on"""

    def ask(self, plan):
        self.client.pause_plan(plan)


class ResumePlan(base.PlanAction):
    """Go on with a plan; machines that failed are tried again"""

    def ask(self, plan):
        self.client.resume_plan(plan)


class CutoverPlan(base.PlanAction):
    """Cut over what is ready in a warm plan, and the rest as it becomes so"""

    def ask(self, plan):
        self.client.cut_over_plan(plan)


class CancelPlan(base.PlanAction):
    """Cancel a plan and what it moves; servers that run are left alone"""

    def ask(self, plan):
        self.client.cancel_plan(plan)


class ListPlanMachine(base.Lister):
    """List the machines of a plan, and what became of each"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_plan_argument(parser)
        base.add_paging_options(parser, ('position', 'name'))
        return parser

    def take_action(self, parsed_args):
        plan = self.plan(parsed_args.plan)
        machines = self.client.plan_machines(plan, **base.paging(parsed_args))
        return base.table(
            machines,
            {
                'Machine': 'name',
                'Wave': 'wave',
                'Group': 'group',
                'State': 'state',
                'Retries': 'retries',
                'Step': 'migration_step',
                'Migration ID': 'migration_id',
                'Error': lambda one: (one.error or {}).get('message'),
            },
        )


class ListPlanEvent(base.Lister):
    """List what happened to a plan, oldest first"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_plan_argument(parser)
        return parser

    def take_action(self, parsed_args):
        plan = self.plan(parsed_args.plan)
        return base.table(
            self.client.plan_events(plan),
            {
                'Time': 'created_at',
                'Event': 'event',
                'Status': 'status',
                'Wave': 'wave',
                'Machine': 'machine_id',
                'Message': 'message',
            },
        )
