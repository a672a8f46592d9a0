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

"""Schemas of version discovery."""

from migrate_service.api.schemas import parameters

version = parameters.obj(
    {
        'id': parameters.string,
        'status': parameters.string,
        'version': parameters.string,
        'max_version': parameters.string,
        'min_version': parameters.string,
        'links': parameters.links,
    }
)
root_response_body = parameters.obj(
    {'versions': {'type': 'array', 'items': version}}
)
v1_response_body = parameters.obj({'version': version})
openapi_response_body = {
    'type': 'object',
    'required': ['openapi', 'info', 'paths'],
}
