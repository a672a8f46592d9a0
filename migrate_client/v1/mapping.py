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

"""Mappings: where the machines of a source go."""

from openstack import exceptions
from openstack import resource
from openstack import utils

from migrate_client.v1 import _base


class Mapping(_base.Resource):
    resource_key = 'mapping'
    resources_key = 'mappings'
    base_path = '/mappings'
    allow_create = True
    allow_fetch = True
    allow_commit = True
    allow_delete = True
    allow_list = True
    commit_method = 'PATCH'
    _query_mapping = resource.QueryParameters(
        'name', 'source_id', 'all_projects', 'sort_key', 'sort_dir'
    )

    availability_zone = resource.Body('availability_zone')
    created_at = resource.Body('created_at')
    description = resource.Body('description')
    #: The flavor of all servers; None: the smallest that holds the machine.
    flavor_id = resource.Body('flavor_id')
    keep_ip = resource.Body('keep_ip', type=bool)
    keep_mac = resource.Body('keep_mac', type=bool)
    key_name = resource.Body('key_name')
    metadata = resource.Body('metadata', type=dict)
    #: ``[{'source', 'network_id', 'subnet_id', 'keep_mac', 'keep_ip'}]``.
    networks = resource.Body('networks', type=list)
    project_id = resource.Body('project_id')
    security_groups = resource.Body('security_groups', type=list)
    #: The source whose networks and datastores it maps.
    source_id = resource.Body('source_id')
    updated_at = resource.Body('updated_at')
    user_id = resource.Body('user_id')
    volume_type = resource.Body('volume_type')
    #: ``[{'datastore', 'volume_type'}]``.
    volume_types = resource.Body('volume_types', type=list)

    def unmapped(self, session, which):
        """Return what it leaves open of a set of machines.

        :param which: ``machine_ids``, or ``all``.
        :returns: ``machine_count``, ``networks`` and ``datastores``.
        """
        session = self._get_session(session)
        response = session.post(
            utils.urljoin(self.base_path, self.id, 'unmapped'),
            json={'unmapped': which},
            microversion=self._get_microversion(session),
        )
        exceptions.raise_from_response(response)
        return response.json()['unmapped']
