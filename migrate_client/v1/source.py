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


"""Sources: the vCenters that machines come from."""

from openstack import resource

from migrate_client.v1 import _base


class Source(_base.Resource):
    resource_key = 'source'
    resources_key = 'sources'
    base_path = '/sources'
    allow_create = True
    allow_fetch = True
    allow_commit = True
    allow_delete = True
    allow_list = True
    commit_method = 'PATCH'
    _query_mapping = resource.QueryParameters(
        'name',
        'status',
        'driver',
        'all_projects',
        'sort_key',
        'sort_dir',
    )

    #: Host name or address of the vCenter or ESXi.
    address = resource.Body('address')
    #: The certificates (PEM) that the source is verified with.
    ca = resource.Body('ca')
    created_at = resource.Body('created_at')
    description = resource.Body('description')
    #: What kind of source it is: ``vsphere``.
    driver = resource.Body('driver')
    #: Why it is in ``error``: ``code``, ``message`` and ``remedy``.
    error = resource.Body('error', type=dict)
    #: The pinned SHA-256 of the source's certificate.
    fingerprint = resource.Body('fingerprint')
    #: Seconds since the inventory was read.
    inventory_age = resource.Body('inventory_age', type=float)
    #: When the inventory was last read.
    inventory_at = resource.Body('inventory_at')
    #: Sent, never shown.
    password = resource.Body('password')
    port = resource.Body('port', type=int)
    #: What the source said that it is.
    product = resource.Body('product', type=dict)
    project_id = resource.Body('project_id')
    #: Since when it waits to be verified and read; None: it does not.
    refresh_requested_at = resource.Body('refresh_requested_at')
    #: ``verifying``, ``ready`` or ``error``.
    status = resource.Body('status')
    updated_at = resource.Body('updated_at')
    user_id = resource.Body('user_id')
    username = resource.Body('username')

    def refresh(self, session):
        """Ask that the source be verified and its inventory read again."""
        return self._act(session, 'refresh')
