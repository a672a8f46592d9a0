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
"""Controllers of assessments: what stands against moving machines."""

import functools

import flask
from oslo_utils import uuidutils

from migrate_service import trusts
from migrate_service.api import access
from migrate_service.api import listing
from migrate_service.api import movable
from migrate_service.api import paging
from migrate_service.api import services
from migrate_service.api import shared
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import assessments as schemas
from migrate_service.api.v1 import mappings
from migrate_service.api.v1 import sources
from migrate_service.db.api import assessments as assessments_db
from migrate_service.db.api import sources as sources_db
from migrate_service.policies import assessments as policies

blueprint = flask.Blueprint('assessments', __name__)

#: Seconds after which Keystone ends a trust that nobody deleted.
TRUST_LIFETIME = 4 * 3600


def fetch(assessment_id, rule):
    """Return the assessment if the user may act on it by ``rule``."""
    row = assessments_db.get(flask.g.context, assessment_id)
    access.authorize_on(row, 'assessment', rule)
    return row


@blueprint.get('/assessments')
@validation.request_query(schemas.index_request_query)
@validation.response_body(schemas.index_response_body)
def index(query):
    """List the assessments of the project."""
    return listing.body(
        'assessments', query, policies, assessments_db.page, _view
    )


@blueprint.post('/assessments')
@validation.request_body(schemas.create_request_body)
@validation.response_body(schemas.show_response_body, 202)
def create(body):
    """Have machines assessed; nothing is created in the clouds."""
    access.authorize(policies.CREATE)
    context = flask.g.context
    choices = dict(body['assessment'])
    source = sources.fetch_shared(choices.pop('source_id'))
    machine_ids = movable.machine_ids(context, source, choices, 'assessment')
    kind = choices.pop('kind', 'cold')
    options = schemas.DEFAULTS | mappings.apply(source, choices)
    movable.check_choices(context, source, options, 'assessment')
    movable.check_override(options)
    values = {
        'id': uuidutils.generate_uuid(),
        'project_id': context.project_id,
        'user_id': context.user_id,
        'request_id': context.request_id,
        'source_id': source.id,
        'kind': kind,
        'options': options,
        'machine_ids': machine_ids,
        'status': 'accepted',
    }
    row = _with_trust(values)
    services.current().waker.wake()
    return {'assessment': _view(row)}


@blueprint.get('/assessments/<assessment_id>')
@validation.response_body(schemas.show_response_body)
def show(assessment_id):
    """Show an assessment and its totals."""
    return {'assessment': _view(fetch(assessment_id, policies.SHOW))}


@blueprint.get('/assessments/<assessment_id>/machines')
@validation.request_query(schemas.machines_request_query)
@validation.response_body(schemas.machines_response_body)
def machines(assessment_id, query):
    """List what was found about each machine."""
    assessment = fetch(assessment_id, policies.SHOW)
    page = paging.page(query, 'position')
    rows = assessments_db.machine_page(
        flask.g.context, assessment_id, paging.filters(query), page
    )
    source = sources_db.get(flask.g.context, assessment.source_id)
    censors = shared.censors(source, [row.id for row in rows])
    return paging.body(
        'machines', rows, lambda row: _machine_view(row, censors), page
    )


@blueprint.delete('/assessments/<assessment_id>')
@validation.response_body(None, 204)
def delete(assessment_id):
    """Delete an assessment that no worker carries out right now."""
    row = fetch(assessment_id, policies.DELETE)
    context = flask.g.context
    assessments_db.delete(context, assessment_id)
    unused = row.status not in assessments_db.ENDED and row.trust_id
    if unused and row.user_id == context.user_id:
        services.current().trusts.delete(context, row.trust_id)


def _with_trust(values):
    """Insert the row, make its trust, and note the trust in the row.

    Should this process die in between, the row ends by itself and so does
    the trust.
    """
    context = flask.g.context
    note = functools.partial(assessments_db.trusted, context, values['id'])
    assessments_db.create(context, values)
    try:
        trusts.noted(
            services.current().trusts, context, note, lifetime=TRUST_LIFETIME
        )
    except Exception:
        assessments_db.delete(context, values['id'])
        raise
    return assessments_db.get(context, values['id'])


def _machine_view(row, censors):
    concerns = row.data['concerns']
    if row.id in censors:
        concerns = censors[row.id].clean(concerns)
    return row.data | {'concerns': concerns}


def _view(row):
    shown = (
        'id',
        'status',
        'kind',
        'source_id',
        'project_id',
        'user_id',
        'totals',
        'error',
    )
    view = {name: getattr(row, name) for name in shown}
    if row.error:
        source = sources_db.get(flask.g.context, row.source_id)
        censor = shared.censor(source, None)
        view['error'] = censor.error(row.error) if censor else row.error
    return (
        view
        | schemas.DEFAULTS
        | row.options
        | {
            'machine_count': len(row.machine_ids),
            'created_at': times.shown(row.created_at),
            'ended_at': times.shown(row.ended_at),
        }
    )
