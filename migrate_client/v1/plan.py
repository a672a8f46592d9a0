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

"""Plans, their machines and their events."""

from openstack import resource

from migrate_client.v1 import _base


class Plan(_base.Resource):
    resource_key = 'plan'
    resources_key = 'plans'
    base_path = '/plans'
    allow_create = True
    allow_fetch = True
    allow_commit = True
    allow_delete = True
    allow_list = True
    commit_method = 'PATCH'
    _query_mapping = resource.QueryParameters(
        'name', 'status', 'source_id', 'all_projects', 'sort_key', 'sort_dir'
    )

    #: How many machines move at a time; None is as many as may.
    concurrency = resource.Body('concurrency', type=int)
    created_at = resource.Body('created_at')
    #: When a user asked that machines be cut over as they become ready.
    cutover_requested_at = resource.Body('cutover_requested_at')
    description = resource.Body('description')
    ended_at = resource.Body('ended_at')
    #: Why it is in ``error``: ``code``, ``message`` and ``remedy``.
    error = resource.Body('error', type=dict)
    #: ``cold`` or ``warm``.
    kind = resource.Body('kind')
    name = resource.Body('name')
    #: ``stop`` or ``continue``.
    on_failure = resource.Body('on_failure')
    #: As those of a migration.
    options = resource.Body('options', type=dict)
    #: ``machines``, ``percent`` and how many are in each state.
    progress = resource.Body('progress', type=dict)
    project_id = resource.Body('project_id')
    #: How often a machine that failed is tried again.
    retries = resource.Body('retries', type=int)
    source_id = resource.Body('source_id')
    started_at = resource.Body('started_at')
    #: ``draft``, ``running``, ``paused``, ``error``, ``cancelling``,
    #: ``cancelled`` or ``completed``.
    status = resource.Body('status')
    updated_at = resource.Body('updated_at')
    user_id = resource.Body('user_id')
    #: ``name``, ``after``, ``concurrency``; ``status`` and
    #: ``machine_count`` in answers, ``machines`` in requests.
    waves = resource.Body('waves', type=list)

    #: ``start`` and ``cutover`` with ``not_before`` and ``not_after``,
    #: ``blackouts`` with ``from`` and ``until``.
    windows = resource.Body('windows', type=dict)

    def act(self, session, action):
        """Ask for an action such as ``start`` or ``cutover``."""
        return self._act(session, action)


class PlanMachine(_base.Resource):
    resources_key = 'machines'
    base_path = '/plans/%(plan_id)s/machines'
    allow_list = True
    _query_mapping = resource.QueryParameters('name', 'sort_key', 'sort_dir')

    plan_id = resource.URI('plan_id')
    #: Markers of pages are ids of machines.
    id = resource.Body('machine_id')
    machine_id = resource.Body('machine_id')
    error = resource.Body('error', type=dict)
    group = resource.Body('group')
    migration_id = resource.Body('migration_id')
    migration_status = resource.Body('migration_status')
    migration_step = resource.Body('migration_step')
    #: Options that are different for this machine.
    overrides = resource.Body('overrides', type=dict)
    position = resource.Body('position', type=int)
    retries = resource.Body('retries', type=int)
    #: ``pending``, ``moving``, ``waiting``, ``arrived``, ``completed``,
    #: ``failed`` or ``cancelled``.
    state = resource.Body('state')
    #: The name of its wave.
    wave = resource.Body('wave')


class PlanEvent(_base.Resource):
    resources_key = 'events'
    base_path = '/plans/%(plan_id)s/events'
    allow_list = True

    plan_id = resource.URI('plan_id')
    created_at = resource.Body('created_at')
    event = resource.Body('event')
    machine_id = resource.Body('machine_id')
    message = resource.Body('message')
    migration_id = resource.Body('migration_id')
    #: Of the plan, after it.
    status = resource.Body('status')
    user_id = resource.Body('user_id')
    wave = resource.Body('wave')
