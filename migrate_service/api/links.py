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

"""URLs of the API, as clients reach it."""

from urllib import parse

import flask

from migrate_service.api import services


def base():
    """Return the URL of the API without version and trailing slash."""
    public = services.current().conf.api.public_url
    return (public or flask.request.url_root).rstrip('/')


def here(query):
    """Return the URL of the present request with another query."""
    path = parse.quote(flask.request.path)
    return f'{base()}{path}?{parse.urlencode(query)}'
