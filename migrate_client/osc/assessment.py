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

"""Commands on assessments that were made."""

from osc_lib.cli import format_columns

from migrate_client.osc import base
from migrate_client.osc import columns

_SHOWN = {
    'id': None,
    'status': None,
    'kind': None,
    'source_id': None,
    'machine_count': None,
    'totals': columns.DetailsColumn,
    'error': columns.ErrorColumn,
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
    'transport': None,
    'override': format_columns.ListColumn,
    'project_id': None,
    'user_id': None,
    'created_at': None,
    'ended_at': None,
}


def _total(name):
    """Return a function that shows one figure of the totals."""
    return lambda assessment: (assessment.totals or {}).get(name)


_LISTED = {
    'ID': 'id',
    'Status': 'status',
    'Kind': 'kind',
    'Source ID': 'source_id',
    'Machines': 'machine_count',
    'Blocked': _total('blocked'),
    'Warned': _total('warned'),
    'Created At': 'created_at',
}


class ListAssessment(base.Lister):
    """List the assessments of the project"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--source',
            metavar='<source>',
            help='List only assessments of this source, by name or id',
        )
        base.add_all_projects_option(parser)
        base.add_paging_options(parser, ('created_at', 'status'))
        return parser

    def take_action(self, parsed_args):
        source = parsed_args.source
        query = {
            'source_id': self.source(source).id if source else None,
            'all_projects': parsed_args.all_projects,
        }
        assessments = self.client.assessments(
            **base.given(query), **base.paging(parsed_args)
        )
        return base.table(assessments, _LISTED)


class ShowAssessment(base.ShowOne):
    """Show an assessment: what was asked, and the totals"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'assessment', metavar='<assessment>', help='Id of the assessment'
        )
        return parser

    def take_action(self, parsed_args):
        assessment = self.client.get_assessment(parsed_args.assessment)
        return base.show(assessment, _SHOWN)


class DeleteAssessment(base.Command):
    """Forget assessments"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'assessment',
            metavar='<assessment>',
            nargs='+',
            help='Id of the assessment',
        )
        return parser

    def take_action(self, parsed_args):
        base.each(
            parsed_args.assessment,
            lambda id: self.client.delete_assessment(id, ignore_missing=False),
        )
