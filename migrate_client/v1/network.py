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


"""Networks of a source: what its machines are connected to."""

from openstack import resource

from migrate_client.v1 import _base


class Network(_base.Resource):
    resources_key = 'networks'
    base_path = '/sources/%(source_id)s/networks'
    allow_list = True
    _query_mapping = resource.QueryParameters('name')

    #: The source that it belongs to.
    source_id = resource.URI('source_id')
    vlan = resource.Body('vlan', type=int)
