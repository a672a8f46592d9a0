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


"""Limits: what the project may use, and what it does."""

from openstack import resource

from migrate_client.v1 import _base


class Limit(_base.Resource):
    resources_key = 'limits'
    base_path = '/limits'
    allow_list = True

    #: How much the project may use; None is as much as it likes.
    limit = resource.Body('limit', type=int)
    #: As Keystone knows it, such as ``migration_active``.
    name = resource.Body('name', alternate_id=True)
    #: A sentence once ``soft_limit`` is reached.
    notice = resource.Body('notice')
    #: From how much on there is a notice.
    soft_limit = resource.Body('soft_limit', type=int)
    #: ``migrations``, ``machines`` or ``GiB``.
    unit = resource.Body('unit')
    #: How much the project uses.
    used = resource.Body('used', type=int)
