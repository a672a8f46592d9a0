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

"""Controllers of plans: machines in waves."""

import functools

import flask
from oslo_utils import uuidutils

from migrate_service import exceptions
from migrate_service import plan_errors
from migrate_service import trusts
from migrate_service.api import access
from migrate_service.api import admission
from migrate_service.api import paging
from migrate_service.api import plan_views
from migrate_service.api import planning
from migrate_service.api import services
from migrate_service.api import shared
from migrate_service.api import validation
from migrate_service.api.schemas import plans as schemas
from migrate_service.api.v1 import sources
from migrate_service.db import models
from migrate_service.db.api import plans as plans_db
from migrate_service.db.api import sources as sources_db
from migrate_service.plans import document
from migrate_service.plans import states
from migrate_service.policies import plans as policies

blueprint = flask.Blueprint('plans', __name__)


def fetch(plan_id, rule):
    """Return the plan if the user may act on it by ``rule``."""
    row = plans_db.get(flask.g.context, plan_id)
    access.authorize_on(row, 'plan', rule)
    return row


@blueprint.get('/plans')
@validation.request_query(schemas.index_request_query)
@validation.response_body(schemas.index_response_body)
def index(query):
    """List the plans of the project."""
    filters = paging.filters(query) | access.scope(
        policies.LIST, query.get('all_projects'), policies.LIST_ALL
    )
    page = paging.page(query, 'created_at')
    rows = plans_db.page(flask.g.context, filters, page)
    machines = plans_db.machines(flask.g.context, [row.id for row in rows])
    return paging.body(
        'plans', rows, lambda row: plan_views.plan(row, machines[row.id]), page
    )


@blueprint.post('/plans')
@validation.request_body(schemas.create_request_body)
@validation.response_body(schemas.show_response_body, 201)
def create(body):
    """Create a plan; nothing moves before it is started."""
    access.authorize(policies.CREATE)
    context = flask.g.context
    given = schemas.DEFAULTS | body['plan']
    source = sources.fetch_shared(given.pop('source_id'))
    values, machines = planning.columns(source, given)
    admission.plan(len(machines))
    values |= {
        'id': uuidutils.generate_uuid(),
        'project_id': context.project_id,
        'user_id': context.user_id,
        'request_id': context.request_id,
        'source_id': source.id,
        'status': states.DRAFT,
    }
    plans_db.create(context, values, machines)
    return _shown(values['id'])


@blueprint.get('/plans/<plan_id>')
@validation.response_body(schemas.show_response_body)
def show(plan_id):
    """Show a plan, and how far it has come."""
    fetch(plan_id, policies.SHOW)
    return _shown(plan_id)


@blueprint.patch('/plans/<plan_id>')
@validation.request_body(schemas.update_request_body)
@validation.response_body(schemas.show_response_body)
def update(body, plan_id):
    """Change a plan: everything of a draft, later its rules alone."""
    row = fetch(plan_id, policies.UPDATE)
    context = flask.g.context
    given = body['plan']
    if any(name in given for name in schemas.STRUCTURE):
        values, machines = _rebuilt(row, given)
        present = plans_db.machines(context, [row.id])[row.id]
        admission.plan(len(machines) - len(present))
        plans_db.update(context, row.id, (states.DRAFT,), values, machines)
    else:
        limit = given.get('concurrency', row.concurrency)
        document.check(planning.waves(context, row), limit)
        if 'windows' in given:
            given['windows'] = planning.windows_of(given['windows'])
        plans_db.update(context, row.id, planning.CHANGEABLE, given)
    services.current().waker.wake()
    return _shown(plan_id)


def _rebuilt(row, given):
    """Return the columns and machines of a draft with changes."""
    context = flask.g.context
    known = {name: getattr(row, name) for name in schemas.DEFAULTS}
    known |= {'name': row.name, 'waves': planning.waves(context, row)}
    source = sources_db.get(context, row.source_id)
    kept = None if 'options' in given else row.options
    return planning.columns(source, known | given, kept)


@blueprint.delete('/plans/<plan_id>')
@validation.response_body(None, 204)
def delete(plan_id):
    """Delete a plan that moves nothing; its migrations stay."""
    row = fetch(plan_id, policies.DELETE)
    if row.status == states.DRAFT:
        _delete_unnoted(row)
    plans_db.delete(flask.g.context, plan_id)


@blueprint.get('/plans/<plan_id>/machines')
@validation.request_query(schemas.machines_request_query)
@validation.response_body(schemas.machines_response_body)
def machines(plan_id, query):
    """List the machines of a plan, and what became of each."""
    row = fetch(plan_id, policies.SHOW)
    context = flask.g.context
    page = paging.page(query, 'position')
    rows = plans_db.machine_page(context, plan_id, paging.filters(query), page)
    known = {
        one.id: one for one in plans_db.machines(context, [row.id])[row.id]
    }
    source = sources_db.get(context, row.source_id)
    censors = shared.censors(source, [one.id for one in rows])

    def view(one):
        return plan_views.machine(row, one, known[one.id], censors.get(one.id))

    return paging.body('machines', rows, view, page)


@blueprint.get('/plans/<plan_id>/events')
@validation.request_query(schemas.events_request_query)
@validation.response_body(schemas.events_response_body)
def events(plan_id, query):
    """List what happened to a plan, oldest first."""
    fetch(plan_id, policies.SHOW)
    page = paging.numbered(query)
    rows = plans_db.event_page(flask.g.context, plan_id, page)
    return paging.body('events', rows, plan_views.event, page)


@blueprint.post('/plans/<plan_id>/start')
@validation.response_body(schemas.show_response_body, 202)
def start(plan_id):
    """Start a plan: a conductor begins with the first waves.

    All its migrations act by a trust of the user who starts it.
    """
    row = fetch(plan_id, policies.ACT)
    context = flask.g.context
    if row.project_id != context.project_id:
        raise exceptions.NotFound(kind='plan', id=plan_id)
    if row.status != states.DRAFT:
        raise plan_errors.PlanTransition(
            id=plan_id, status=row.status, action='start'
        )
    source = sources.fetch_shared(row.source_id)
    planning.require_startable(source, row)
    _start_with_trust(row)
    services.current().waker.wake()
    return _shown(plan_id)


def _start_with_trust(row):
    """Note a mark, make the trust that has it, and start with its id.

    Should this process die in between, the next start deletes that trust.
    """
    context = flask.g.context
    store = services.current().trusts
    _delete_unnoted(row)
    ledger = store.ledger()
    mark = ledger[0]['details']['expires_at'] if ledger else 'none'
    plans_db.mark_trust(context, row.id, mark)
    note = functools.partial(
        plans_db.start, context, row.id, mark, models.now(), context.user_id
    )
    try:
        trusts.noted(store, context, note, ledger=ledger)
    except Exception:
        plans_db.unmark_trust(context, row.id, mark)
        raise


def _delete_unnoted(row):
    """Delete the trust of a start that died half way."""
    if row.trust_mark:
        details = {'expires_at': row.trust_mark}
        services.current().trusts.delete_unnoted(details)
        plans_db.unmark_trust(flask.g.context, row.id, row.trust_mark)


@blueprint.post('/plans/<plan_id>/pause')
@validation.response_body(schemas.show_response_body, 202)
def pause(plan_id):
    """Begin nothing new; what moves goes on."""
    return _act(plan_id, 'pause')


@blueprint.post('/plans/<plan_id>/resume')
@validation.response_body(schemas.show_response_body, 202)
def resume(plan_id):
    """Go on; machines that failed are tried again."""
    return _act(plan_id, 'resume')


@blueprint.post('/plans/<plan_id>/cancel')
@validation.response_body(schemas.show_response_body, 202)
def cancel(plan_id):
    """Cancel what moves; servers that run already are left alone."""
    return _act(plan_id, 'cancel')


@blueprint.post('/plans/<plan_id>/cutover')
@validation.response_body(schemas.show_response_body, 202)
def cutover(plan_id):
    """Cut over what is ready, now, and the others as they become so."""
    row = fetch(plan_id, policies.ACT)
    if row.kind != 'warm':
        raise plan_errors.PlanNotWarm(id=plan_id)
    return _act(plan_id, 'cutover')


def _act(plan_id, action):
    fetch(plan_id, policies.ACT)
    context = flask.g.context
    plans_db.act(context, plan_id, action, context.user_id, models.now())
    services.current().waker.wake()
    return _shown(plan_id)


def _shown(plan_id):
    context = flask.g.context
    row = plans_db.get(context, plan_id)
    machines = plans_db.machines(context, [plan_id])[plan_id]
    return {'plan': plan_views.plan(row, machines)}
