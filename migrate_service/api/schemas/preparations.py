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

"""Schemas of the preparation of a guest."""

from migrate_service.api.schemas import migrations
from migrate_service.api.schemas import parameters

prepare_request_body = parameters.obj(
    {
        'prepare': parameters.obj(
            {
                'username': parameters.name,
                'password': {
                    'type': 'string',
                    'minLength': 1,
                    'maxLength': 1024,
                },
                'revert': parameters.boolean,
            },
            required=('username', 'password'),
        )
    }
)
show_response_body = migrations.show_response_body
