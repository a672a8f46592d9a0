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
"""Assessments, and what they found about each machine."""

from openstack import resource

from migrate_client.v1 import _base


class Assessment(_base.Resource):
    resource_key = 'assessment'
    resources_key = 'assessments'
    base_path = '/assessments'
    allow_create = True
    allow_fetch = True
    allow_delete = True
    allow_list = True
    _query_mapping = resource.QueryParameters(
        'status',
        'source_id',
        'kind',
        'all_projects',
        'sort_key',
        'sort_dir',
    )

    #: True, in place of ``machine_ids``, asks for all of the source.
    all = resource.Body('all', type=bool)
    availability_zone = resource.Body('availability_zone')
    convert = resource.Body('convert')
    created_at = resource.Body('created_at')
    ended_at = resource.Body('ended_at')
    #: Why it is in ``error``: ``code``, ``message`` and ``remedy``.
    error = resource.Body('error', type=dict)
    flavor_id = resource.Body('flavor_id')
    keep_ip = resource.Body('keep_ip', type=bool)
    keep_mac = resource.Body('keep_mac', type=bool)
    key_name = resource.Body('key_name')
    #: ``cold`` or ``warm``.
    kind = resource.Body('kind')
    machine_count = resource.Body('machine_count', type=int)
    #: Only in a request: the machines to look at, in order.
    machine_ids = resource.Body('machine_ids', type=list)
    #: The mapping that it was made with.
    mapping_id = resource.Body('mapping_id')
    metadata = resource.Body('metadata', type=dict)
    networks = resource.Body('networks', type=list)
    override = resource.Body('override', type=list)
    project_id = resource.Body('project_id')
    security_groups = resource.Body('security_groups', type=list)
    source_id = resource.Body('source_id')
    #: ``accepted``, ``running``, ``completed`` or ``error``.
    status = resource.Body('status')
    #: ``machines``, ``blocked``, ``warned``, ``bytes``, ``copy_seconds``,
    #: ``quotas`` and ``rates``.
    totals = resource.Body('totals', type=dict)
    transport = resource.Body('transport')
    user_id = resource.Body('user_id')
    volume_type = resource.Body('volume_type')
    volume_types = resource.Body('volume_types', type=list)


class AssessedMachine(_base.Resource):
    resource_key = 'machine'
    resources_key = 'machines'
    base_path = '/assessments/%(assessment_id)s/machines'
    allow_list = True
    _query_mapping = resource.QueryParameters(
        'name', 'severity', 'sort_key', 'sort_dir'
    )

    assessment_id = resource.URI('assessment_id')
    #: Markers of pages are ids of machines.
    id = resource.Body('machine_id')
    machine_id = resource.Body('machine_id')
    #: ``code``, ``severity``, ``what``, ``why``, ``remedy``,
    #: ``overridable`` and ``overridden`` of each, the worst first.
    concerns = resource.Body('concerns', type=list)
    #: ``id``, ``name``, ``vcpus``, ``memory_mib`` and ``waste``.
    flavor = resource.Body('flavor', type=dict)
    position = resource.Body('position', type=int)
    #: ``bytes``, ``copy_seconds``, ``downtime_seconds``, ``measured``.
    prediction = resource.Body('prediction', type=dict)
    #: The worst of the concerns.
    severity = resource.Body('severity')
    #: Bytes of all disks.
    size = resource.Body('size', type=int)
    #: ``disk``, ``label``, ``gibibytes`` and ``volume_type`` of each.
    volumes = resource.Body('volumes', type=list)
