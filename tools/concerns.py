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
"""Print every concern of the service as reStructuredText.

The directive ``concerns`` of the documentation does the same when the
documentation is built, so that the page cannot go stale.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from migrate_service.concerns import registry  # noqa: E402
from tools import error_codes  # noqa: E402


def lines():
    """Yield the reference as lines of reStructuredText."""
    for rule in registry.rules():
        yield f'``{rule.code}``'
        yield f'    {error_codes.text(rule.what)}'
        yield ''
        yield f'    *Why:* {error_codes.text(rule.why)}'
        yield ''
        yield f'    *Remedy:* {error_codes.text(rule.remedy)}'
        yield ''
        yield f'    {_severity(rule)} Source: {rule.origin}.'
        yield ''


def _severity(rule):
    """Return a sentence on severities and whether one may override it."""
    cold, warm = rule.cold or 'no concern', rule.warm or 'no concern'
    text = f'**{cold}**' if cold == warm else f'cold: {cold}, warm: {warm}'
    return f'{text}{", may be overridden" if rule.overridable else ""}.'


if __name__ == '__main__':
    print('\n'.join(lines()))
