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

"""Controllers of simulations: how long a plan would take, and why."""

import datetime
import statistics
import types

import flask

from migrate_service import exceptions
from migrate_service import inventory
from migrate_service import plan_errors
from migrate_service import prediction
from migrate_service.api import planning
from migrate_service.api import services
from migrate_service.api import shared
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import simulations as schemas
from migrate_service.api.v1 import plans
from migrate_service.db import models
from migrate_service.db.api import machines as machines_db
from migrate_service.db.api import plans as plans_db
from migrate_service.db.api import rates as rates_db
from migrate_service.db.api import sources as sources_db
from migrate_service.db.api import workers as workers_db
from migrate_service.plans import document
from migrate_service.plans import simulation
from migrate_service.policies import plans as policies

blueprint = flask.Blueprint('simulations', __name__)

#: So many machines are simulated at all, so many once for each bound.
MOST, MOST_RELIEVED = 1000, 300


@blueprint.get('/plans/<plan_id>/simulation')
@validation.request_query(schemas.show_request_query)
@validation.response_body(schemas.show_response_body)
def show(plan_id, query):
    """Simulate a plan from now on; nothing is created or moved."""
    row = plans.fetch(plan_id, policies.SIMULATE)
    context = flask.g.context
    machines = plans_db.machines(context, [plan_id])[plan_id]
    if len(machines) > MOST:
        raise plan_errors.PlanTooLarge(count=len(machines), most=MOST)
    rates = rates_db.measured(context)
    work, measured = _work(row, machines, rates)
    nodes, slots = _places(query)
    means = simulation.Means(
        slots=nodes * slots,
        source=services.current().conf.conductor.max_migrations_per_source,
        budget=query.get('budget'),
    )
    plan = _plan(row, query)
    now = models.now()
    course = simulation.play(plan, machines, work, means, now)
    relief = None
    if len(machines) <= MOST_RELIEVED:
        relief = simulation.relief(plan, machines, work, means, now)
    return {
        'simulation': {
            'nodes': nodes,
            'slots': slots,
            'budget': means.budget,
            'concurrency': plan.concurrency,
            'bytes': round(sum(work[id].amount for id in course.began)),
            'measured': measured,
            **_shown(course, now),
            'bottleneck': next(iter(relief), None) if relief else None,
            'relief': None
            if relief is None
            else [
                {'bound': bound, 'seconds': seconds}
                for bound, seconds in relief.items()
            ],
            'waves': _waves(row, machines, course),
        }
    }


def _work(row, machines, rates):
    """Return ``{machine id: simulation.Work}``, and whether it was measured.

    :param machines: :class:`migrate_service.plans.states.Machine` of it.
    """
    context = flask.g.context
    ids = [one.id for one in machines]
    scope = shared.scope(sources_db.get(context, row.source_id))
    known = machines_db.some(context, row.source_id, ids, scope)
    overrides = {
        machine['machine_id']: machine['overrides']
        for wave in planning.waves(context, row)
        for machine in wave['machines']
    }
    work, measured = {}, True
    for id in ids:
        if id not in known:
            raise exceptions.MachineNotFound(source=row.source_id, machine=id)
        machine = inventory.Machine.from_dict(known[id])
        found = prediction.predict(machine, row.kind, rates)
        options = document.effective(row.options, overrides[id])
        rate = rates['copy_rate']['value']
        cutover = found['downtime_seconds']
        if row.kind == 'cold':
            cutover -= found['copy_seconds']
        work[id] = simulation.Work(
            amount=found['bytes'],
            rate=max(1, min(rate, options['bandwidth_limit'] or rate)),
            cutover=max(0, cutover),
        )
        measured = measured and found['measured']
    return work, measured


def _places(query):
    """Return how many nodes there are, or shall be, and slots of each."""
    down_after = services.current().conf.conductor.worker_down_after
    since = models.now() - datetime.timedelta(seconds=down_after)
    known = workers_db.slots(flask.g.context, since)
    nodes = query.get('nodes') or max(1, len(known))
    usual = round(statistics.mean(known)) if known else 1
    return nodes, query.get('slots') or max(1, usual)


def _plan(row, query):
    """Return what is simulated: the plan, or what it would be."""
    return types.SimpleNamespace(
        kind=row.kind,
        waves=row.waves,
        concurrency=query.get('concurrency', row.concurrency),
        windows=row.windows,
        cutover_requested_at=row.cutover_requested_at,
    )


def _shown(course, now):
    seconds = course.end and round((course.end - now).total_seconds())
    return {
        'begins_at': times.shown(now),
        'ends_at': times.shown(course.end),
        'seconds': seconds,
        'reason': course.reason,
        'peak': course.peak,
    }


def _waves(row, machines, course):
    """Return when each wave begins, and ends if it does."""
    return [
        {
            'name': wave['name'],
            **_span(
                [one.id for one in machines if one.wave == number], course
            ),
        }
        for number, wave in enumerate(row.waves)
    ]


def _span(ids, course):
    begun = [course.began[id] for id in ids if id in course.began]
    ended = [course.ended[id] for id in ids if id in course.ended]
    whole = begun and len(ended) == len(begun)
    return {
        'begins_at': times.shown(min(begun, default=None)),
        'ends_at': times.shown(max(ended)) if whole else None,
    }
