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

"""Microversions: the header ``OpenStack-API-Version: migration 1.N``."""

import re

import flask
import microversion_parse

from migrate_service import exceptions

SERVICE_TYPE = 'migration'
MINIMUM = (1, 0)
MAXIMUM = (1, 0)
HEADER = 'OpenStack-API-Version'


def text(version):
    """Return a version as clients write it."""
    return f'{version[0]}.{version[1]}'


def negotiate():
    """Set ``flask.g.version`` to the version that the request asks for.

    :raises BadRequest: the header is not a version.
    :raises VersionNotSupported: it is one that we do not speak.
    """
    flask.g.version = MINIMUM
    wanted = microversion_parse.get_version(
        flask.request.headers, service_type=SERVICE_TYPE
    )
    if wanted == 'latest':
        flask.g.version = MAXIMUM
    elif wanted:
        flask.g.version = _parse(wanted)


def _parse(wanted):
    match = re.fullmatch(r'(\d{1,4})\.(\d{1,4})', wanted, re.ASCII)
    if not match:
        raise exceptions.BadRequest(
            reason=f'{HEADER}: {wanted!r} is not a version such as '
            f'{text(MAXIMUM)}.'
        )
    version = int(match[1]), int(match[2])
    if not MINIMUM <= version <= MAXIMUM:
        raise exceptions.VersionNotSupported(
            version=wanted, minimum=text(MINIMUM), maximum=text(MAXIMUM)
        )
    return version


def announce(response):
    """Say in a response which version it is of."""
    version = flask.g.get('version', MINIMUM)
    response.headers[HEADER] = f'{SERVICE_TYPE} {text(version)}'
    response.headers.add('Vary', HEADER)
    return response
