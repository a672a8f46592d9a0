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


"""Commands on the machines of a source."""

from osc_lib.cli import format_columns

from migrate_client.osc import base
from migrate_client.osc import columns

_SHOWN = {
    'id': None,
    'name': None,
    'power_state': None,
    'folder': None,
    'cluster': None,
    'host': None,
    'resource_pool': None,
    'tags': format_columns.ListColumn,
    'guest_family': None,
    'guest_id': None,
    'guest_name': None,
    'hostname': None,
    'tools': None,
    'cpus': None,
    'memory_mib': columns.MemoryColumn,
    'firmware': None,
    'secure_boot': None,
    'tpm': None,
    'encrypted': None,
    'template': None,
    'hardware_version': None,
    'change_tracking': None,
    'snapshots': None,
    'snapshot_depth': None,
    'consolidation_needed': None,
    'connection_state': None,
    'fault_tolerance': None,
    'nested': None,
    'passthrough': format_columns.ListColumn,
    'locked': format_columns.ListColumn,
    'managed_by': None,
    'question': None,
    'committed': columns.SizeColumn,
    'uuid': None,
    'disks': columns.DisksColumn,
    'nics': columns.LinesColumn,
}

_LISTED = {
    'ID': 'id',
    'Name': 'name',
    'Power State': 'power_state',
    'Guest': lambda machine: machine.guest_name or machine.guest_family,
    'CPUs': 'cpus',
    'Memory': lambda machine: columns.MemoryColumn(machine.memory_mib),
    'Disks': lambda machine: len(machine.disks or ()),
    'Size': lambda machine: columns.SizeColumn(
        sum(disk['size'] for disk in machine.disks or ())
    ),
    'NICs': lambda machine: len(machine.nics or ()),
}

_LISTED_LONG = _LISTED | {
    'Folder': 'folder',
    'Cluster': 'cluster',
    'Firmware': 'firmware',
    'Tools': 'tools',
    'Tags': lambda machine: format_columns.ListColumn(machine.tags),
    'Snapshots': 'snapshots',
}


class ListMachine(base.Lister):
    """List the machines of a source, as its inventory was last read.

    Memory and sizes are shown in binary units; with -f json memory is in
    MiB and sizes are in bytes.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_option(parser)
        parser.add_argument(
            '--name', metavar='<name>', help='List only this machine name'
        )
        parser.add_argument(
            '--power-state',
            metavar='<state>',
            choices=('on', 'off', 'suspended'),
            help='List only machines that are on, off or suspended',
        )
        parser.add_argument(
            '--folder',
            metavar='<path>',
            help='List only machines of this inventory folder',
        )
        parser.add_argument(
            '--cluster',
            metavar='<name>',
            help='List only machines of this cluster',
        )
        parser.add_argument(
            '--tag', metavar='<tag>', help='List only machines with this tag'
        )
        parser.add_argument(
            '--guest-family',
            metavar='<family>',
            choices=('linux', 'windows', 'other'),
            help='List only linux, windows or other guests',
        )
        parser.add_argument(
            '--long',
            action='store_true',
            help='Show also folder, cluster, firmware, tools, tags, snapshots',
        )
        base.add_paging_options(parser, ('name', 'id', 'power_state'))
        return parser

    def take_action(self, parsed_args):
        source = self.source(parsed_args.source)
        query = {
            'name': parsed_args.name,
            'power_state': parsed_args.power_state,
            'folder': parsed_args.folder,
            'cluster': parsed_args.cluster,
            'tag': parsed_args.tag,
            'guest_family': parsed_args.guest_family,
        }
        machines = self.client.machines(
            source, **base.given(query), **base.paging(parsed_args)
        )
        return base.table(
            machines, _LISTED_LONG if parsed_args.long else _LISTED
        )


class ShowMachine(base.ShowOne):
    """Show a machine: hardware, guest, disks and network interfaces"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        base.add_source_option(parser)
        parser.add_argument(
            'machine', metavar='<machine>', help='Name or id of the machine'
        )
        return parser

    def take_action(self, parsed_args):
        machine = self.client.find_machine(
            parsed_args.machine,
            self.source(parsed_args.source),
            ignore_missing=False,
        )
        return base.show(machine, _SHOWN)
