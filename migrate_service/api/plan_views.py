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

"""Plans, their machines and events as JSON."""

from migrate_service.api import times
from migrate_service.plans import states

COLUMNS = (
    'id',
    'name',
    'description',
    'status',
    'source_id',
    'kind',
    'project_id',
    'user_id',
    'concurrency',
    'on_failure',
    'retries',
    'options',
    'windows',
    'error',
)
TIMES = (
    'cutover_requested_at',
    'created_at',
    'updated_at',
    'started_at',
    'ended_at',
)
EVENT = (
    'event',
    'status',
    'wave',
    'machine_id',
    'migration_id',
    'user_id',
    'message',
)


def plan(row, machines):
    """Return the view of a plan.

    :param machines: :class:`migrate_service.plans.states.Machine` of it.
    """
    view = {name: getattr(row, name) for name in COLUMNS}
    view |= {name: times.shown(getattr(row, name)) for name in TIMES}
    view['windows'] = windows(row.windows)
    return view | {
        'progress': states.progress(machines),
        'waves': [
            wave(one, [m for m in machines if m.wave == number])
            for number, one in enumerate(row.waves)
        ],
    }


def windows(kept):
    """Return the view of windows: times with their zone."""
    if isinstance(kept, dict):
        return {name: windows(value) for name, value in kept.items()}
    if isinstance(kept, list):
        return [windows(value) for value in kept]
    return f'{kept}Z' if isinstance(kept, str) else kept


def wave(shape, machines):
    """Return the view of a wave."""
    return shape | {
        'status': states.wave_status(machines),
        'machine_count': len(machines),
    }


def machine(plan, row, known, censor):
    """Return the view of a machine of a plan.

    :param known: its :class:`migrate_service.plans.states.Machine`.
    :param censor: :class:`migrate_service.api.shared.Censor`, or None.
    """
    error = known.migration_error or row.error
    return {
        'machine_id': row.id,
        'name': row.name,
        'position': row.position,
        'wave': plan.waves[row.wave]['name'],
        'group': row.group_name,
        'overrides': row.overrides,
        'state': known.state,
        'retries': row.retries,
        'migration_id': row.migration_id,
        'migration_status': known.status,
        'migration_step': known.step,
        'error': censor.error(error) if censor else error,
    }


def event(row):
    """Return the view of an event of a plan."""
    view = {name: getattr(row, name) for name in EVENT}
    return (
        {'id': str(row.id)}
        | view
        | {'created_at': times.shown(row.created_at)}
    )
