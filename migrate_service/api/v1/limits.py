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

"""Controllers of limits: what the project may use, and what it does."""

import flask

from migrate_service.api import access
from migrate_service.api import services
from migrate_service.api import validation
from migrate_service.api.schemas import limits as schemas
from migrate_service.policies import limits as policies

blueprint = flask.Blueprint('limits', __name__)


@blueprint.get('/limits')
@validation.response_body(schemas.index_response_body)
def index():
    """List the limits of the project and what it uses of them."""
    access.authorize(policies.LIST)
    limits = services.current().limits.of_project(flask.g.context)
    return {'limits': limits.show()}
