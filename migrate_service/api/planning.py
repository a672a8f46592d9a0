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

"""What a plan may be made of, and whether its machines can be moved."""

import flask

from migrate_service import exceptions
from migrate_service import plan_errors
from migrate_service.api import movable
from migrate_service.api import shared
from migrate_service.api import times
from migrate_service.api import validation
from migrate_service.api.schemas import migrations as migration_schemas
from migrate_service.api.schemas import plans as schemas
from migrate_service.api.v1 import mappings
from migrate_service.db.api import machines as machines_db
from migrate_service.db.api import paging
from migrate_service.db.api import plans as plans_db
from migrate_service.plans import document
from migrate_service.plans import states
from migrate_service.plans import windows

#: Where the rules of a plan, but not its structure, may be changed.
CHANGEABLE = (states.DRAFT, states.RUNNING, states.PAUSED, states.ERROR)
#: Machines that an error names; the others are counted.
NAMED = 5


def columns(source, given, options=None):
    """Return the columns of a plan, and the rows of its machines.

    :param given: the members of a request, complete.
    :param options: those that the plan has already; None takes the given.
    :raises BadRequest: naming the place.
    :raises MachineNotFound: the source has no such machine.
    """
    waves = given['waves']
    document.check(waves, given['concurrency'])
    options = options or _options(source, 'plan.options', given['options'])
    _check_options(source, given['kind'], 'plan.options', options)
    names = machines_db.names(flask.g.context, source.id, shared.scope(source))
    for number, wave in enumerate(waves):
        for index, machine in enumerate(wave['machines']):
            id = machine['machine_id']
            if id not in names:
                raise exceptions.MachineNotFound(source=source.id, machine=id)
            if machine.get('overrides'):
                where = f'plan.waves.{number}.machines.{index}.overrides'
                _check_shape(where, machine['overrides'])
                if 'mapping_id' in machine['overrides']:
                    raise exceptions.BadRequest(
                        reason=f'{where}.mapping_id: is one of the plan.'
                    )
                mixed = document.effective(options, machine['overrides'])
                _check_options(source, given['kind'], where, mixed)
    values = {
        name: value
        for name, value in given.items()
        if name not in ('options', 'waves', 'windows')
    }
    shapes = [
        {
            'name': wave['name'],
            'after': wave.get('after'),
            'concurrency': wave.get('concurrency'),
        }
        for wave in waves
    ]
    machines = [
        row | {'name': names[row['id']]} for row in document.flat(waves)
    ]
    values |= {
        'options': options,
        'waves': shapes,
        'windows': windows_of(given['windows']),
    }
    return values, machines


def windows_of(given):
    """Return the windows of a request as they are kept, in UTC.

    :raises BadRequest: one ends before it begins.
    """
    kept = windows.NONE | {
        'start': _interval('start', given.get('start')),
        'cutover': _interval('cutover', given.get('cutover')),
    }
    kept['blackouts'] = [
        _interval(f'blackouts.{number}', one, ('from', 'until'))
        for number, one in enumerate(given.get('blackouts') or ())
    ]
    if kept['cutover']:
        limit = given['cutover'].get('max_downtime')
        kept['cutover']['max_downtime'] = limit
    return kept


def _interval(where, given, names=('not_before', 'not_after')):
    if not given:
        return None
    begin, end = (times.parsed(given.get(name)) for name in names)
    if begin and end and end <= begin:
        raise exceptions.BadRequest(
            reason=f'plan.windows.{where}: ends before it begins.'
        )
    return {
        name: value and value.isoformat()
        for name, value in zip(names, (begin, end), strict=True)
    }


def _options(source, where, given):
    """Return all options, from a mapping and those that were given."""
    _check_shape(where, given)
    given = mappings.apply(source, given)
    probe = migration_schemas.PROBE_DEFAULTS | given.get('probe', {})
    return migration_schemas.DEFAULTS | given | {'probe': probe}


def _check_shape(where, given):
    try:
        validation.check(schemas.options, given, 'options')
    except exceptions.BadRequest as error:
        raise exceptions.BadRequest(reason=f'{where}: {error}') from None


def _check_options(source, kind, where, options):
    movable.check_choices(flask.g.context, source, options, where)
    try:
        movable.check_override(options)
    except exceptions.BadRequest as error:
        raise exceptions.BadRequest(reason=f'{where}: {error}') from None
    if options['require_rehearsal'] and kind != 'warm':
        raise exceptions.BadRequest(
            reason=f'{where}.require_rehearsal: only a warm migration can be '
            'rehearsed.'
        )


def waves(context, row):
    """Return the waves of a plan as a request would give them."""
    page = paging.Page(limit=10**6, sort_key='position')
    machines = plans_db.machine_page(context, row.id, {}, page)
    return [
        wave
        | {
            'machines': [
                {
                    'machine_id': one.id,
                    'group': one.group_name,
                    'overrides': one.overrides,
                }
                for one in machines
                if one.wave == number
            ]
        }
        for number, wave in enumerate(row.waves)
    ]


def require_startable(source, row):
    """Refuse the start of a plan with machines that cannot be moved.

    :raises PlanBlocked: naming them.
    """
    context = flask.g.context
    scope = shared.scope(source)
    reasons = []
    for wave in waves(context, row):
        for one in wave['machines']:
            options = document.effective(row.options, one['overrides'])
            try:
                machine = machines_db.get(
                    context, source.id, one['machine_id'], scope
                )
                movable.check(context, source, machine.data, options, row.kind)
            except exceptions.MigrateError as error:
                reasons.append(str(error))
    if reasons:
        more = len(reasons) - NAMED
        tail = f' {more} more cannot be moved either.' if more > 0 else ''
        raise plan_errors.PlanBlocked(reason=' '.join(reasons[:NAMED]) + tail)
