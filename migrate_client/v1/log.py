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


"""Logs: what the tools of a migration wrote."""

from openstack import resource

from migrate_client.v1 import _base


class Log(_base.Resource):
    resources_key = 'log'
    base_path = '/migrations/%(migration_id)s/log'
    allow_list = True
    _query_mapping = resource.QueryParameters('step', 'tool')

    #: The migration that the tool ran for.
    migration_id = resource.URI('migration_id')
    attempt = resource.Body('attempt', type=int)
    created_at = resource.Body('created_at')
    #: The step that ran the tool.
    step = resource.Body('step')
    text = resource.Body('text')
    tool = resource.Body('tool')
