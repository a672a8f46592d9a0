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

"""Simulations: how long a plan would take, and what holds it up."""

from openstack import resource

from migrate_client.v1 import _base


class Simulation(_base.Resource):
    resource_key = 'simulation'
    base_path = '/plans/%(plan_id)s/simulation'
    allow_fetch = True
    requires_id = False

    #: The plan that it is of.
    plan_id = resource.URI('plan_id')
    begins_at = resource.Body('begins_at')
    #: What holds the plan up most; None: the machines themselves.
    bottleneck = resource.Body('bottleneck')
    #: Bytes a second of all copies together; None is no limit.
    budget = resource.Body('budget', type=int)
    #: Bytes to copy.
    bytes = resource.Body('bytes', type=int)
    concurrency = resource.Body('concurrency', type=int)
    #: None when the plan would not come to its end.
    ends_at = resource.Body('ends_at')
    #: Whether all figures were measured; some are guesses otherwise.
    measured = resource.Body('measured', type=bool)
    nodes = resource.Body('nodes', type=int)
    #: How many machines are worked on at a time at most.
    peak = resource.Body('peak', type=int)
    #: Why the plan would not come to its end.
    reason = resource.Body('reason')
    #: ``bound`` and the ``seconds`` that the plan would end sooner without.
    relief = resource.Body('relief', type=list)
    seconds = resource.Body('seconds', type=int)
    #: Of each node.
    slots = resource.Body('slots', type=int)
    #: ``name``, ``begins_at``, ``ends_at``.
    waves = resource.Body('waves', type=list)
