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


"""Workers: the processes on the conversion nodes."""

from openstack import resource

from migrate_client.v1 import _base


class Worker(_base.Resource):
    resource_key = 'worker'
    resources_key = 'workers'
    base_path = '/workers'
    allow_fetch = True
    allow_commit = True
    allow_list = True
    commit_method = 'PATCH'
    _query_mapping = resource.QueryParameters('state')

    #: Whether it was heard of lately.
    alive = resource.Body('alive', type=bool)
    #: ``accelerator`` (``kvm`` or ``tcg``) and ``problems`` of its node.
    facts = resource.Body('facts', type=dict)
    last_seen_at = resource.Body('last_seen_at')
    load = resource.Body('load', type=dict)
    name = resource.Body('name', alternate_id=True)
    #: Why the operator set the state.
    reason = resource.Body('reason')
    #: How many migrations it may run at a time.
    slots = resource.Body('slots', type=int)
    #: ``enabled``, ``disabled`` or ``draining``.
    state = resource.Body('state')
    #: How it can read disks: ``https``, ``file``.
    transports = resource.Body('transports', type=list)
    #: How many slots are taken.
    used = resource.Body('used', type=int)
    version = resource.Body('version')
