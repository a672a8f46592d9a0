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

"""Version discovery: what a client without a token asks first."""

import flask

from migrate_service.api import links
from migrate_service.api import microversion
from migrate_service.api import openapi
from migrate_service.api import validation
from migrate_service.api.schemas import versions as schemas

blueprint = flask.Blueprint('versions', __name__)


@blueprint.get('/')
@validation.response_body(schemas.root_response_body)
def root():
    """List the versions of the API."""
    return {'versions': [_version()]}


@blueprint.get('/v1/')
@validation.response_body(schemas.v1_response_body)
def v1():
    """Show version 1."""
    return {'version': _version()}


@blueprint.get('/v1/openapi.json')
@validation.response_body(schemas.openapi_response_body)
def openapi_document():
    """Describe version 1 as an OpenAPI document."""
    return openapi.document(flask.current_app)


def _version():
    return {
        'id': 'v1.0',
        'status': 'CURRENT',
        'version': microversion.text(microversion.MAXIMUM),
        'max_version': microversion.text(microversion.MAXIMUM),
        'min_version': microversion.text(microversion.MINIMUM),
        'links': [
            {'rel': 'self', 'href': f'{links.base()}/v1/'},
            {'rel': 'describedby', 'href': f'{links.base()}/v1/openapi.json'},
        ],
    }
