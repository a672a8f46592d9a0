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

"""Schemas of limits."""

from migrate_service.api.schemas import parameters

_count_or_null = parameters.count | {'type': ['integer', 'null']}

limit = parameters.obj(
    {
        'name': parameters.string,
        'unit': parameters.string,
        'limit': _count_or_null,
        'soft_limit': _count_or_null,
        'used': parameters.count,
        'notice': parameters.string_or_null,
    }
)
index_response_body = parameters.obj(
    {'limits': {'type': 'array', 'items': limit}}
)
