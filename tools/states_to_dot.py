#!/usr/bin/env python3
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
"""Print the state diagram of a migration in the DOT language.

``tools/states_to_dot.py > doc/source/contributor/states.dot`` brings the
diagram of the contributor guide up to date; a unit test compares them.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from migrate_service import states  # noqa: E402


def diagram():
    """Return the diagram as text; ended statuses have a double border."""
    lines = [
        'digraph states {',
        '  rankdir=LR;',
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    for status in states.STATUSES:
        border = ' [peripheries=2]' if status in states.ENDED else ''
        lines.append(f'  {status}{border};')
    for (status, event), target in sorted(states.TRANSITIONS.items()):
        lines.append(f'  {status} -> {target} [label="{event}"];')
    return '\n'.join([*lines, '}', ''])


if __name__ == '__main__':
    sys.stdout.write(diagram())
