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


"""Reads the password of a source: never from the command line."""

import getpass
import os
import pathlib
import sys

from osc_lib import exceptions

VARIABLE = 'MIGRATION_SOURCE_PASSWORD'


def add_options(parser):
    """Add the options that say where the password is read from."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        '--password-prompt',
        action='store_true',
        help='Ask for the password of the source on the terminal',
    )
    group.add_argument(
        '--password-file',
        metavar='<file>',
        help=(
            'Read the password from the first line of a file; - is the '
            'standard input'
        ),
    )


def asked(parsed_args):
    """Return the password that was explicitly given, or None."""
    if parsed_args.password_file:
        return first_line(parsed_args.password_file)
    if parsed_args.password_prompt:
        return _prompt()
    return None


def required(parsed_args):
    """Return the password: as asked, from the environment, or prompted.

    :raises CommandError: there is none, and no terminal to ask on.
    """
    password = asked(parsed_args) or os.environ.get(VARIABLE)
    if password:
        return password
    if sys.stdin.isatty():
        return _prompt()
    raise exceptions.CommandError(
        'The source needs a password. Give --password-file, set '
        f'{VARIABLE}, or run the command on a terminal.'
    )


def _prompt():
    password = getpass.getpass('Password of the source: ')
    if not password:
        raise exceptions.CommandError('The password must not be empty.')
    return password


def first_line(path):
    """Return the first line of a file, or of the standard input.

    :raises CommandError: it cannot be read, or is empty.
    """
    try:
        text = (
            sys.stdin.read() if path == '-' else pathlib.Path(path).read_text()
        )
    except OSError as error:
        raise exceptions.CommandError(
            f'The password file {path} cannot be read: {error.strerror}.'
        ) from error
    password = text.partition('\n')[0].rstrip('\r')
    if not password:
        raise exceptions.CommandError(
            f'The first line of {path} is empty; it must be the password.'
        )
    return password
