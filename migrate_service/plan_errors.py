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

"""Why something is refused to a plan, or failed in it."""

from migrate_service import exceptions


class PlanTransition(exceptions.Conflict):
    code = 'plan.invalid_transition'
    template = 'The plan %(id)s is %(status)s: it cannot %(action)s.'
    remedy = (
        'Look at its status ("openstack migration plan show"): only a draft '
        'is started or changed, and only one that has ended is deleted.'
    )


class PlanInUse(exceptions.Conflict):
    code = 'plan.in_use'
    template = 'Migrations of the plan %(id)s still act by its trust.'
    remedy = (
        'Accept or cancel those that wait ("openstack migration plan machine '
        'list"); a moment after the last one has ended the plan can be '
        'deleted.'
    )


class PlanBlocked(exceptions.Conflict):
    code = 'plan.blocked'
    template = 'The plan was not started: %(reason)s'
    remedy = (
        'Correct the machines, or take them out of the plan, and start it '
        'again. "openstack migration assess" tells about each of them.'
    )


class MigrationInPlan(exceptions.Conflict):
    code = 'migration.in_plan'
    template = 'The migration %(id)s belongs to a plan.'
    remedy = 'Delete the plan first, once it has ended.'


class MachineUnavailable(exceptions.Conflict):
    code = 'plan.machine_unavailable'
    template = 'The machine %(machine)s was not started: %(reason)s'
    remedy = 'Correct what is said, then resume the plan.'


class PlanStopped(exceptions.Conflict):
    code = 'plan.stopped'
    template = '%(reason)s'
    remedy = (
        'Look at the errors of the machines ("openstack migration plan '
        'machine list"), mend what is wrong, and resume the plan: it tries '
        'the failed ones again.'
    )


class PlanTooLarge(exceptions.Conflict):
    code = 'plan.too_large'
    template = (
        'The plan has %(count)s machines: at most %(most)s are simulated.'
    )
    remedy = 'Split the plan, or simulate a smaller one like it.'


class PlanNotWarm(exceptions.Conflict):
    code = 'plan.not_warm'
    template = 'The plan %(id)s moves its machines cold.'
    remedy = 'Only plans of the kind warm are cut over.'


class MachineBroughtBack(exceptions.Conflict):
    code = 'plan.machine_brought_back'
    template = 'The source machine was brought back, as a user asked for.'
    remedy = 'Resume the plan to cut it over again, or cancel its migration.'


class GroupTakenBack(exceptions.Conflict):
    code = 'plan.group_taken_back'
    template = '%(reason)s'
    remedy = (
        'Mend what failed and resume the plan: the group is tried again, '
        'all of it or none.'
    )
