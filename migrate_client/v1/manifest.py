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


"""Manifests: the hashes of what was read from the source."""

from openstack import resource

from migrate_client.v1 import _base


class Manifest(_base.Resource):
    resource_key = 'manifest'
    base_path = '/migrations/%(migration_id)s/manifest'
    allow_fetch = True
    requires_id = False

    #: The migration that it belongs to.
    migration_id = resource.URI('migration_id')
    #: The hash function.
    algorithm = resource.Body('algorithm')
    #: The disks with the hashes of their regions, hexadecimal.
    disks = resource.Body('disks', type=list)
    #: Bytes of a region.
    region_size = resource.Body('region_size', type=int)
