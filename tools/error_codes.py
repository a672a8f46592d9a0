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
"""Print every error code of the service as reStructuredText.

The directive ``error-codes`` of the documentation does the same when the
documentation is built, so that the page cannot go stale.
"""

import importlib
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from migrate_service import exceptions  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
#: In the source of a module with errors; only those are imported.
_CODE = re.compile(r"^    code = '", re.MULTILINE)
_VALUE = re.compile(r'%\((\w+)\)(?:s|\.\d+f)')


def classes():
    """Return every error of the service, sorted by code and sentence."""
    for path in (ROOT / 'migrate_service').rglob('*.py'):
        if _CODE.search(path.read_text()):
            parts = path.relative_to(ROOT).with_suffix('').parts
            importlib.import_module('.'.join(parts))
    found = {exceptions.MigrateError, *_below(exceptions.MigrateError)}
    # What has no code of its own is the base of others.
    found = {kind for kind in found if 'code' in vars(kind)}
    return sorted(found, key=lambda kind: (kind.code, kind.template))


def _below(kind):
    for child in kind.__subclasses__():
        if child.__module__.startswith('migrate_service.'):
            yield child
            yield from _below(child)


def lines():
    """Yield the reference as lines of reStructuredText."""
    subject = None
    for kind in classes():
        if kind.code.split('.')[0] != subject:
            subject = kind.code.split('.')[0]
            yield from (f'``{subject}``', '-' * (len(subject) + 4), '')
        yield f'``{kind.code}``'
        yield f'    {text(kind.template)}'
        yield ''
        yield f'    *Remedy:* {text(kind.remedy)}{_again(kind)}'
        yield ''


def text(template):
    """Return a template as markup: values become emphasised names."""
    parts = _VALUE.split(template.replace('%%', '%').replace('*', r'\*'))
    parts[1::2] = [f'*<{name}>*\\ ' for name in parts[1::2]]
    return re.sub(r'(?<=[^\s(])(\*<)', r'\\ \1', ''.join(parts))


def _again(kind):
    if issubclass(kind, exceptions.StepFailed):
        retried = getattr(kind, 'retryable', False)
        return ' Tried again by itself.' if retried else ''
    return f' HTTP status {kind.status}.'


if __name__ == '__main__':
    print('\n'.join(lines()))
