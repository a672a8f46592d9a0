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


"""Datastores of a source: where its disks lie."""

from openstack import resource

from migrate_client.v1 import _base


class Datastore(_base.Resource):
    resources_key = 'datastores'
    base_path = '/sources/%(source_id)s/datastores'
    allow_list = True
    _query_mapping = resource.QueryParameters('name')

    #: The source that it belongs to.
    source_id = resource.URI('source_id')
    #: Bytes.
    capacity = resource.Body('capacity', type=int)
    #: Bytes.
    free = resource.Body('free', type=int)
    #: ``VMFS``, ``NFS``, ``vsan``, as the source names it.
    kind = resource.Body('kind')
