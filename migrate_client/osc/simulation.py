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

"""The command that simulates a plan."""

from migrate_client.osc import base
from migrate_client.osc import columns

_SHOWN = {
    'begins_at': None,
    'ends_at': None,
    'seconds': None,
    'reason': None,
    'bottleneck': None,
    'relief': columns.LinesColumn,
    'peak': None,
    'nodes': None,
    'slots': None,
    'budget': None,
    'concurrency': None,
    'bytes': None,
    'measured': None,
    'waves': columns.LinesColumn,
}


class SimulatePlan(base.ShowOne):
    """Show how long a plan would take, and what holds it up

    Nothing is moved. The plan is played from now on, by its own rules and
    windows, with the rates of earlier migrations.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_plan_argument(parser)
        parser.add_argument(
            '--nodes',
            metavar='<count>',
            type=int,
            help='Conversion nodes (default: those that are there)',
        )
        parser.add_argument(
            '--slots',
            metavar='<count>',
            type=int,
            help='Slots of each node (default: as those that are there)',
        )
        parser.add_argument(
            '--budget',
            metavar='<bytes>',
            type=int,
            help='Bytes a second of all copies together (default: no limit)',
        )
        parser.add_argument(
            '--concurrency',
            metavar='<count>',
            type=int,
            help='How many machines move at a time, in place of that of the '
            'plan',
        )
        return parser

    def take_action(self, parsed_args):
        plan = self.plan(parsed_args.plan)
        names = ('nodes', 'slots', 'budget', 'concurrency')
        query = base.given({n: getattr(parsed_args, n) for n in names})
        simulation = self.client.simulate_plan(plan, **query)
        return base.show(simulation, _SHOWN)
