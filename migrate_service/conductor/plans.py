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

"""Drives plans: one look at each that is due, by one conductor at a time."""

import datetime

from oslo_log import log as logging
from oslo_utils import uuidutils

from migrate_service import exceptions
from migrate_service import limit_errors
from migrate_service import limits
from migrate_service import plan_errors
from migrate_service import states as migration_states
from migrate_service import trusts
from migrate_service.db.api import grants as grants_db
from migrate_service.db.api import machines as machines_db
from migrate_service.db.api import plan_steps
from migrate_service.db.api import plans as plans_db
from migrate_service.db.api import rehearsals as rehearsals_db
from migrate_service.db.api import usage
from migrate_service.plans import decision
from migrate_service.plans import document
from migrate_service.plans import states
from migrate_service.plans import windows

LOG = logging.getLogger(__name__)

#: Seconds for which a conductor takes a plan; another goes on after that.
PATIENCE = 60
#: What a machine waits for, as more than time may end it.
HELD = (limit_errors.LimitExceeded, limit_errors.LimitsUnavailable)
UNREHEARSED = 'its rehearsal has to pass before it can be cut over.'


class Plans:
    """Drives plans.

    :param leases: :class:`migrate_service.conductor.leases.Leases`.
    """

    def __init__(self, conf, leases):
        self._conf = conf
        self._limits = limits.Limits(conf)
        self._now = leases.now

    def run(self, context):
        """Do what is due for every plan; return how much that was."""
        done = 0
        for plan in plan_steps.due(context, self._now()):
            try:
                done += self._drive(context, plan)
            except exceptions.LeaseLost:
                LOG.debug('Plan %s is driven elsewhere, or changed', plan.id)
            except Exception:
                # The others must not wait for it.
                LOG.exception('Plan %s could not be driven', plan.id)
        return done

    def end_trusts(self, context):
        """Delete the trusts of plans that have ended."""
        store = trusts.for_strategy(self._conf)
        for plan in plan_steps.trusting(context):
            try:
                store.delete_as_trustee(plan.trust_id)
                plans_db.unmark_trust(context, plan.id, plan.trust_mark)
            except Exception:
                # The next tick tries again; the others must not wait for it.
                LOG.exception('The trust of plan %s stays', plan.id)
        return 0

    def _drive(self, context, plan):
        now = self._now()
        machines = plans_db.machines(context, [plan.id])[plan.id]
        actions = decision.decide(plan, machines, now)
        if not actions:
            return 0
        patience = datetime.timedelta(seconds=PATIENCE)
        attempt = plan_steps.claim(context, plan, now + patience)
        # Read again: somebody may have acted before it was ours.
        machines = plans_db.machines(context, [plan.id])[plan.id]
        actions = decision.decide(plan, machines, now)
        try:
            self._carry_out(context, plan, attempt, actions)
        finally:
            plan_steps.release(context, plan, attempt)
        return len(actions)

    def _carry_out(self, context, plan, attempt, actions):
        starts = [action for action in actions if action.kind == 'start']
        if starts:
            self._begin(context, plan, attempt, starts)
        for action in actions:
            if action.kind != 'start':
                act = getattr(self, f'_{action.kind}')
                act(context, plan, attempt, action)

    def _begin(self, context, plan, attempt, starts):
        """Begin with machines; who has no room is not overtaken."""
        action = starts[0]
        try:
            bounds = self._limits.of_project(context, plan.project_id)
            for action in starts:
                self._start(context, plan, attempt, action, bounds)
        except HELD as reason:
            for machine in action.machines:
                plan_steps.hold(context, plan, attempt, machine, str(reason))

    def _start(self, context, plan, attempt, action, bounds):
        """Create the migrations of machines that begin together.

        :param bounds: :class:`migrate_service.limits.ProjectLimits`.
        :raises LimitExceeded: there is no room for them now.
        """
        try:
            rows = [
                self._migration(context, plan, machine)
                for machine in action.machines
            ]
            bounds.enforce(usage.wanted([gib for *_rest, gib in rows]))
            names = ' and '.join(one.name for one in action.machines)
            message = f'The migration of {names} begins.'
            plan_steps.start(context, plan, attempt, rows, message)
        except (exceptions.LeaseLost, *HELD):
            raise
        except exceptions.MigrateError as reason:
            for machine in action.machines:
                error = plan_errors.MachineUnavailable(
                    machine=machine.name, reason=str(reason)
                )
                plan_steps.give_up(
                    context, plan, attempt, machine, error.to_dict()
                )

    def _migration(self, context, plan, machine):
        """Return the machine, the columns of its migration, and its GiB."""
        # A grant may have been taken back since the plan was started.
        scope = grants_db.movable(context, plan.source_id, plan.project_id)
        found = machines_db.get(context, plan.source_id, machine.id, scope)
        overrides = plans_db.overrides(context, plan.id, machine.id)
        options = document.effective(plan.options, overrides)
        if machine.group:
            # Accepted with the whole group, by the plan.
            options |= {'acceptance': 'manual'}
        values = {
            'id': uuidutils.generate_uuid(),
            'project_id': plan.project_id,
            'user_id': plan.user_id,
            'request_id': plan.request_id,
            'name': found.name,
            'kind': plan.kind,
            'source_id': plan.source_id,
            'machine_id': found.id,
            'machine_name': found.name,
            'in_use': f'{plan.source_id}/{found.id}',
            'status': migration_states.ACCEPTED,
            'options': options,
            'trust_id': plan.trust_id,
        }
        return machine, values, limits.of_disks(found.data['disks'])

    def _retry(self, context, plan, attempt, action):
        for machine in action.machines:
            plan_steps.retry(context, plan, attempt, machine, self._now())

    def _cut_over(self, context, plan, attempt, action):
        window = plan.windows['cutover'] or {}
        group = action.machines[0].group
        columns = {
            'cutover_at': self._now(),
            # A group begins together: the plan itself watches its window.
            'cutover_not_after': None
            if group
            else windows.moment(window.get('not_after')),
            'max_downtime': None if group else window.get('max_downtime'),
        }
        held = [
            one
            for one in action.machines
            if not self._rehearsed(context, plan, one)
        ]
        for machine in held:
            plan_steps.hold(context, plan, attempt, machine, UNREHEARSED)
        if not held:
            plan_steps.cut_over(
                context,
                plan,
                attempt,
                action.machines,
                columns,
                action.message,
            )

    def _rehearsed(self, context, plan, machine):
        """Whether the machine may be cut over as far as rehearsals go."""
        overrides = plans_db.overrides(context, plan.id, machine.id)
        options = document.effective(plan.options, overrides)
        return not options['require_rehearsal'] or rehearsals_db.green(
            context, machine.migration_id
        )

    def _accept(self, context, plan, attempt, action):
        plan_steps.accept(
            context,
            plan,
            attempt,
            action.machines,
            self._now(),
            action.message,
        )

    def _take_back(self, context, plan, attempt, action):
        error = plan_errors.GroupTakenBack(reason=action.message).to_dict()
        plan_steps.take_back(
            context, plan, attempt, action.machines, self._now(), error
        )

    def _cancel(self, context, plan, attempt, action):
        for machine in action.machines:
            plan_steps.cancel(context, plan, attempt, machine, self._now())

    def _stop(self, context, plan, attempt, action):
        error = plan_errors.PlanStopped(reason=action.message).to_dict()
        plan_steps.end(
            context,
            plan,
            attempt,
            states.ERROR,
            'stopped',
            {'error': error, 'lease_expires_at': None},
            action.message,
        )

    def _complete(self, context, plan, attempt, action):
        self._end(context, plan, attempt, states.COMPLETED, action.message)

    def _cancelled(self, context, plan, attempt, action):
        self._end(context, plan, attempt, states.CANCELLED, action.message)

    def _end(self, context, plan, attempt, status, message):
        values = {'ended_at': self._now(), 'lease_expires_at': None}
        plan_steps.end(context, plan, attempt, status, status, values, message)
