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


"""Events: the timeline of a migration."""

from openstack import resource

from migrate_client.v1 import _base


class Event(_base.Resource):
    resources_key = 'events'
    base_path = '/migrations/%(migration_id)s/events'
    allow_list = True

    #: The migration that it happened to.
    migration_id = resource.URI('migration_id')
    attempt = resource.Body('attempt', type=int)
    created_at = resource.Body('created_at')
    #: What belongs to it, such as the error.
    details = resource.Body('details', type=dict)
    #: What happened: ``start``, ``done``, ``fail``, …
    event = resource.Body('event')
    message = resource.Body('message')
    #: The status that it led to.
    status = resource.Body('status')
    #: The step that it led to.
    step = resource.Body('step')
    user_id = resource.Body('user_id')
    #: The worker that had the lease; administrators only.
    worker = resource.Body('worker')
