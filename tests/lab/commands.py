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

"""Child processes of the lab's tools: run to the end, output to a log."""

import os
import subprocess

from tests.lab import settings


class CommandFailed(Exception):
    """A program the lab needs ended with an error."""


def run(*argv, log=None, env=None, cwd=None, stdin=None):
    """Run ``argv`` and return its standard output as text.

    With ``log`` (a path) output is appended there and '' is returned.
    ``env`` is added to the environment; ``stdin`` is text or an open file.
    Raises CommandFailed, with the last lines of output, on a failure.
    """
    argv = [str(part) for part in argv]
    options = {
        'env': os.environ | {k: str(v) for k, v in (env or {}).items()},
        'cwd': cwd,
        'text': True,
    }
    if stdin is None:
        options['stdin'] = subprocess.DEVNULL
    elif isinstance(stdin, str):
        options['input'] = stdin
    else:
        options['stdin'] = stdin
    try:
        if log:
            return _run_logged(argv, log, options)
        done = subprocess.run(argv, capture_output=True, **options)
    except FileNotFoundError as error:
        raise CommandFailed(f'{argv[0]} is not installed') from error
    if done.returncode:
        raise CommandFailed(_failure(argv, done.returncode, done.stderr))
    return done.stdout


def _run_logged(argv, log, options):
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open('a') as output:
        start = output.tell()
        done = subprocess.run(
            argv, stdout=output, stderr=subprocess.STDOUT, **options
        )
    if done.returncode:
        with log.open(errors='replace') as output:
            output.seek(start)
            text = output.read()
        raise CommandFailed(
            f'{_failure(argv, done.returncode, text)}\nwhole log: {log}'
        )
    return ''


def _failure(argv, code, text):
    tail = '\n'.join(text.strip().splitlines()[-12:])
    return f'{argv[0]} ended with {code}:\n{tail}'


def run_checkout(python, module, *argv, log=None, env=None):
    """Run a module of this checkout with another Python interpreter."""
    return run(
        python,
        '-m',
        module,
        *argv,
        log=log,
        cwd=settings.CHECKOUT,
        env={'MIGRATE_LAB': settings.LAB} | (env or {}),
    )
