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
"""``migrate-node check``: whether this host can be a conversion node."""

import argparse
import json
import sys

from migrate_service import conf as migrate_conf
from migrate_service.node import checks
from migrate_service.node import findings

MARKS = {findings.OK: 'ok     ', findings.WARNING: 'WARNING'}
FAILED = 'FAILED '


def parser():
    """Return the parser of the command line."""
    root = argparse.ArgumentParser('migrate-node', description=__doc__)
    root.add_argument(
        '--config-file', action='append', default=[], metavar='PATH'
    )
    verbs = root.add_subparsers(required=True, metavar='VERB')
    check = verbs.add_parser(
        'check',
        help='try what a conversion node needs',
        description='Try what a conversion node needs; end with 1 when it '
        'cannot do its work. Nothing is changed. Run it as the user of the '
        'worker.',
    )
    check.add_argument(
        '--source',
        action='append',
        default=[],
        metavar='HOST[:PORT]',
        help='a vCenter or ESXi host that must be reached; may be repeated',
    )
    check.add_argument(
        '-f', '--format', choices=('table', 'json'), default='table'
    )
    return root


def text(finding):
    """Return a finding as lines for a terminal."""
    mark = MARKS.get(finding.status, FAILED)
    lines = [f'{mark}  {finding.check}: {finding.detail}']
    if finding.remedy:
        lines.append(f'         {finding.remedy}')
    return '\n'.join(lines)


def main(argv=None):
    arguments = parser().parse_args(argv)
    files = [f'--config-file={path}' for path in arguments.config_file]
    conf = migrate_conf.prepare('migrate-worker', files)
    found = []
    for finding in checks.run(conf, arguments.source):
        found.append(finding)
        if arguments.format == 'table':
            print(text(finding), flush=True)
    if arguments.format == 'json':
        print(json.dumps([vars(finding) for finding in found], indent=2))
    return int(any(one.status == findings.FAILED for one in found))


if __name__ == '__main__':
    sys.exit(main())
