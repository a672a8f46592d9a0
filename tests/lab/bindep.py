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
"""Reads bindep.txt: which Debian packages a profile needs.

Only what our file uses of bindep's format: one package a line, then
optionally ``[profile profile]``; a package without profiles is always
needed; ``platform:…`` selectors other than dpkg drop the line.
"""

import re

LINE = re.compile(r'^(?P<name>[a-z0-9][a-z0-9+.-]*)\s*(\[(?P<sel>[^]]*)\])?$')


def packages(text, profiles):
    """Return the sorted package names for a set of ``profiles``.

    Raises ValueError for a line that is not understood.
    """
    wanted = set()
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition('#')[0].strip()
        if not line:
            continue
        found = LINE.match(line)
        if not found:
            raise ValueError(f'bindep.txt line {number}: {line!r}')
        if _selected((found['sel'] or '').split(), set(profiles)):
            wanted.add(found['name'])
    return sorted(wanted)


def _selected(selectors, profiles):
    platforms = {s for s in selectors if s.startswith('platform:')}
    named = set(selectors) - platforms
    if platforms and 'platform:dpkg' not in platforms:
        return False
    return not named or bool(named & profiles)
