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


"""Rehearsals: test boots of a warm migration."""

from openstack import resource

from migrate_client.v1 import _base


class Rehearsal(_base.Resource):
    resource_key = 'rehearsal'
    resources_key = 'rehearsals'
    base_path = '/migrations/%(migration_id)s/rehearsals'
    allow_fetch = True
    allow_list = True
    _query_mapping = resource.QueryParameters('sort_key', 'sort_dir')

    #: The migration that was rehearsed.
    migration_id = resource.URI('migration_id')
    #: The end of the text on the console; not in lists.
    console = resource.Body('console')
    created_at = resource.Body('created_at')
    ended_at = resource.Body('ended_at')
    #: Why it failed: ``code``, ``message`` and ``remedy``.
    error = resource.Body('error', type=dict)
    #: The network that was named; None: isolated ones were made.
    network_id = resource.Body('network_id')
    #: What was to be seen; None: what the migration itself asks for.
    probe = resource.Body('probe', type=dict)
    #: What the probes and the conversion found.
    result = resource.Body('result', type=dict)
    started_at = resource.Body('started_at')
    #: ``requested``, ``running``, ``ended`` or ``cancelled``.
    status = resource.Body('status')
    #: Seconds of each step.
    timings = resource.Body('timings', type=dict)
    user_id = resource.Body('user_id')
    #: ``passed`` or ``failed``.
    verdict = resource.Body('verdict')
