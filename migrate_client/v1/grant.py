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

"""Grants: which projects see which part of a source."""

from openstack import exceptions
from openstack import resource
from openstack import utils

from migrate_client.v1 import _base


class Grant(_base.Resource):
    resource_key = 'grant'
    resources_key = 'grants'
    base_path = '/sources/%(source_id)s/grants'
    allow_create = True
    allow_fetch = True
    allow_list = True
    _query_mapping = resource.QueryParameters(
        'project_id', 'sort_key', 'sort_dir'
    )

    #: The source that it belongs to.
    source_id = resource.URI('source_id')
    created_at = resource.Body('created_at')
    #: Paths: the machines in these folders and below them.
    folders = resource.Body('folders', type=list)
    #: How many machines it shows now.
    machine_count = resource.Body('machine_count', type=int)
    #: The project that sees them.
    project_id = resource.Body('project_id')
    #: The machines in resource pools of these names.
    resource_pools = resource.Body('resource_pools', type=list)
    #: The machines with one of these tags, ``category:name``.
    tags = resource.Body('tags', type=list)
    user_id = resource.Body('user_id')

    def take_back(self, session, force):
        """Delete it, with ``force`` also while its project uses it."""
        session = self._get_session(session)
        response = session.delete(
            utils.urljoin(self.base_path % self._uri.attributes, self.id),
            params={'force': 'true'} if force else {},
            microversion=self._get_microversion(session),
        )
        exceptions.raise_from_response(response)
