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


"""The choices of ``migration create``: options, and what they mean."""

import argparse
import re

from osc_lib.cli import parseractions

from migrate_client.osc import base
from migrate_client.osc import places

_RATE = re.compile(r'(\d+)\s*(?:([KMG])(?:iB)?)?', re.IGNORECASE)
#: The options that are sent as they are given.
_AS_GIVEN = (
    'name',
    'volume_type',
    'availability_zone',
    'key_name',
    'keep_mac',
    'keep_ip',
    'convert',
    'verify',
    'kind',
    'transport',
    'shutdown_timeout',
    'bandwidth_limit',
    'delta',
    'sync_interval',
    'override',
    'require_rehearsal',
    'acceptance',
    'auto_rollback',
)
_FACTORS = {'': 1, 'K': 1024, 'M': 1024**2, 'G': 1024**3}


def parse_rate(text):
    """Return bytes a second from ``100M``, ``100MiB`` or plain digits.

    :raises argparse.ArgumentTypeError: it is none of these.
    """
    match = _RATE.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not a rate such as 50M or 52428800'
        )
    return int(match[1]) * _FACTORS[(match[2] or '').upper()]


def parse_pair(text):
    """Return what is before and after the last ``=``.

    :raises argparse.ArgumentTypeError: one of them is missing.
    """
    left, _, right = text.rpartition('=')
    if not left or not right:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not of the form <from>=<to>'
        )
    return left, right


def add_options(parser):
    """Add the options of where and how a machine is moved."""
    parser.add_argument(
        '--name',
        metavar='<name>',
        help='Name of the server and the migration (default: the machine)',
    )
    add_mapping(parser)
    add_target(parser)
    _add_copy(parser)
    _add_probe(parser)


def add_mapping(parser):
    """Add the option ``--mapping``."""
    parser.add_argument(
        '--mapping',
        metavar='<mapping>',
        help=(
            'Name or id of a mapping, which says where the machine goes; '
            'what is given beside it wins'
        ),
    )


def mapping_id(client, parsed_args):
    """Return the id of the mapping that was named, None for none."""
    name = parsed_args.mapping
    return name and client.find_mapping(name, ignore_missing=False).id


def add_target(parser):
    """Add the options of the place and the server."""
    _add_places(parser)
    _add_server(parser)


def _add_places(parser):
    group = parser.add_argument_group('where it goes')
    group.add_argument(
        '--network',
        metavar='<source-network>=<network>[:<subnet>]',
        type=parse_pair,
        action='append',
        default=[],
        help=(
            'Connect what is on a network of the source to a network of the '
            'project, and to one of its subnets; names or ids, give the id '
            'of what has a colon in its name (repeat for each network of '
            'the machine)'
        ),
    )
    for name, what in (('new-ip', 'IP addresses'), ('new-mac', 'a MAC')):
        group.add_argument(
            f'--{name}',
            metavar='<source-network>',
            action='append',
            default=[],
            help=(
                f'Let Neutron choose {what} for what is on this network of '
                'the source; it is one of --network (repeatable)'
            ),
        )
    group.add_argument(
        '--volume-type',
        metavar='<volume-type>',
        help='Volume type of the disks (default: that of the cloud)',
    )
    group.add_argument(
        '--volume-type-map',
        metavar='<datastore>=<volume-type>',
        type=parse_pair,
        action='append',
        default=[],
        help=(
            'Volume type of the disks on a datastore of the source, by name '
            'or id; wins over --volume-type (repeatable)'
        ),
    )
    group.add_argument(
        '--availability-zone',
        metavar='<zone>',
        help='Availability zone of the server (default: that of the cloud)',
    )


def _add_server(parser):
    group = parser.add_argument_group('the server')
    group.add_argument(
        '--flavor',
        metavar='<flavor>',
        help=(
            'Flavor, by name or id (default: the smallest that holds the '
            "machine's CPUs and memory)"
        ),
    )
    group.add_argument(
        '--security-group',
        metavar='<group>',
        action='append',
        help=(
            'Security group of its ports, by name or id (repeatable; '
            'default: that of the project)'
        ),
    )
    group.add_argument('--key-name', metavar='<key>', help='Its key pair')
    group.add_argument(
        '--property',
        metavar='<key>=<value>',
        action=parseractions.KeyValueAction,
        help='A property (metadata) of the server (repeatable)',
    )
    group.add_argument(
        '--no-keep-mac',
        dest='keep_mac',
        action='store_const',
        const=False,
        help='Give its ports new MAC addresses (default: keep them)',
    )
    group.add_argument(
        '--no-keep-ip',
        dest='keep_ip',
        action='store_const',
        const=False,
        help=(
            'Give its ports new IP addresses (default: keep those that fit '
            'the subnet and are free)'
        ),
    )


def _add_copy(parser):
    group = parser.add_argument_group('how it is moved')
    group.add_argument(
        '--override',
        metavar='<code>',
        action='append',
        help=(
            'Go on although this concern blocks the migration; only some '
            'can be overridden (repeatable)'
        ),
    )
    group.add_argument(
        '--warm',
        dest='kind',
        action='store_const',
        const='warm',
        help=(
            'Copy the machine while it runs, round after round, until the '
            'cutover (default: stop it first)'
        ),
    )
    group.add_argument(
        '--sync-interval',
        metavar='<seconds>',
        type=int,
        help='Seconds between two rounds (default: as the writes need it)',
    )
    group.add_argument(
        '--require-rehearsal',
        action='store_const',
        const=True,
        help='Refuse the cutover until a rehearsal has passed',
    )
    group.add_argument(
        '--delta',
        choices=('auto', 'compare'),
        help=(
            'Find what changed by what the source tells, or by comparing '
            'all of it with the copy (default: auto)'
        ),
    )
    group.add_argument(
        '--convert',
        choices=('auto', 'none', 'minimal', 'full'),
        help=(
            'How the guest is made ready: none (it is), minimal (drivers '
            'are added, no guest code runs), full (virt-v2v), or auto, the '
            'least that it needs (default: auto)'
        ),
    )
    group.add_argument(
        '--verify-copy',
        dest='verify',
        choices=('sample', 'full', 'source'),
        help=(
            'Read back and compare a sample of the copy, all of it, or all '
            'of it with all of the source (default: sample)'
        ),
    )
    group.add_argument(
        '--transport',
        choices=('auto', 'file', 'https', 'vddk', 'nfc'),
        help=(
            'How the disks are read: as files of a datastore that is '
            'mounted on the node, over HTTPS, with the library of VMware '
            'where the operator has one, or as an export of a machine that '
            'is off (default: auto, the fastest that works)'
        ),
    )
    group.add_argument(
        '--shutdown-timeout',
        metavar='<seconds>',
        type=int,
        help=(
            'Seconds that the guest may take to shut down before it is '
            'switched off (default: 300)'
        ),
    )
    group.add_argument(
        '--bandwidth-limit',
        metavar='<bytes-per-second>',
        type=parse_rate,
        help=(
            'Bytes a second that the copy may take, such as 50M or 1G '
            '(binary units; at least 64K; default: no limit)'
        ),
    )


def _add_probe(parser):
    group = parser.add_argument_group('when it counts as moved')
    group.add_argument(
        '--probe-ping',
        action='store_const',
        const=True,
        help='The server must answer a ping from the node',
    )
    group.add_argument(
        '--probe-tcp',
        metavar='<port>',
        type=int,
        help='The server must accept a TCP connection on this port',
    )
    console = group.add_mutually_exclusive_group()
    console.add_argument(
        '--probe-console',
        action='store_const',
        const=True,
        help=(
            'A login prompt must appear on the serial console (default: a '
            'bad sign there fails the probe, silence does not)'
        ),
    )
    console.add_argument(
        '--no-probe-console',
        dest='probe_console',
        action='store_const',
        const=False,
        help='Do not look at the console',
    )
    group.add_argument(
        '--probe-expect',
        metavar='<text>',
        help='The serial console must show this text',
    )
    group.add_argument(
        '--probe-timeout',
        metavar='<seconds>',
        type=int,
        help='Seconds that the guest may take for that (default: 600)',
    )
    group.add_argument(
        '--acceptance',
        choices=('manual', 'auto'),
        help=(
            'Wait until a user accepts the server, with the way back open, '
            'or accept it when its probe passed (default: manual)'
        ),
    )
    group.add_argument(
        '--no-auto-rollback',
        dest='auto_rollback',
        action='store_const',
        const=False,
        help=(
            'Leave the source off when the probe fails (default: delete the '
            'server and bring the source back)'
        ),
    )


def _probe(parsed_args):
    """Return the ``probe`` that the options ask for, None for none."""
    wishes = base.given(
        {
            'ping': parsed_args.probe_ping,
            'tcp_port': parsed_args.probe_tcp,
            'console': parsed_args.probe_console,
            'expect': parsed_args.probe_expect,
            'timeout': parsed_args.probe_timeout,
        }
    )
    return wishes or None


def resolve(connection, source, parsed_args):
    """Return the attributes of the migration that the options ask for.

    :param connection: for the names of networks, flavors and the rest.
    :param source: the ``Source`` whose networks and datastores are named.
    :raises CommandError: a name is unknown or ambiguous.
    """
    chosen = {name: getattr(parsed_args, name) for name in _AS_GIVEN}
    chosen['mapping_id'] = mapping_id(connection.migration, parsed_args)
    chosen['metadata'] = parsed_args.property
    chosen['probe'] = _probe(parsed_args)
    chosen |= places.resolve(connection, source, parsed_args)
    return base.given(chosen)
