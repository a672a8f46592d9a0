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

"""Migrations as JSON; notifications carry the same view."""

from migrate_service import downtime
from migrate_service.api import times
from migrate_service.api.schemas import migrations as schemas

COLUMNS = (
    'id',
    'name',
    'kind',
    'status',
    'step',
    'source_id',
    'machine_id',
    'machine_name',
    'project_id',
    'user_id',
    'attempt',
    'warnings',
    'error',
    'result',
    'rehearsal',
)
TIMES = (
    'cancel_requested_at',
    'retry_requested_at',
    'sync_requested_at',
    'cutover_at',
    'rehearse_requested_at',
    'accept_at',
    'rollback_requested_at',
    'prepare_requested_at',
    'created_at',
    'updated_at',
    'started_at',
    'ended_at',
)
COUNTERS = ('size', 'copied', 'read', 'written')


def migration(row, sees_worker=False):
    """Return the view of a migration; its options are flat in it."""
    view = {name: getattr(row, name) for name in COLUMNS}
    view |= {name: times.shown(getattr(row, name)) for name in TIMES}
    view |= schemas.DEFAULTS | row.options
    return view | {
        'worker': row.worker if sees_worker else None,
        'progress': progress(row.progress),
        'cutover': _cutover(row),
        'conversion': row.progress.get('conversion'),
        'predicted_downtime': row.progress.get('predicted_downtime'),
        'downtime': _downtime(row.result),
    }


def _cutover(row):
    return row.cutover_at and {
        'not_before': times.shown(row.cutover_at),
        'not_after': times.shown(row.cutover_not_after),
        'max_downtime': row.max_downtime,
    }


def _downtime(result):
    """Return what the cutover took; None before its end."""
    took = result.get('downtime')
    names = (*downtime.PARTS, 'total')
    return took and {name: took.get(name) for name in names}


def progress(stored):
    """Return the progress of a migration with its totals.

    :param stored: what the worker reported: ``{'disks': [{'key', 'label',
        'size', 'total', 'copied', 'read', 'written', 'rate'}]}`` in bytes
        and bytes a second; ``total`` leaves out the holes of the disk.
        A warm migration adds ``rounds``, ``converges`` and
        ``next_round_at``. ``transport`` tells how the disks are read and
        why so.
    """
    disks = _disks(stored.get('disks') or ())
    rounds = stored.get('rounds') or []
    total = sum(disk['total'] for disk in disks)
    copied = sum(min(disk['copied'], disk['total']) for disk in disks)
    rates = [disk['rate'] for disk in disks if disk['rate'] is not None]
    rate = sum(rates) if rates and copied < total else None
    return {
        'percent': copied * 100 // total if total else 100 * bool(rounds),
        'bytes_copied': copied,
        'bytes_total': total,
        'rate': rate,
        'seconds_left': round((total - copied) / rate) if rate else None,
        'disks': disks,
        'rounds': rounds,
        'converges': stored.get('converges'),
        'next_round_at': stored.get('next_round_at'),
        'transport': stored.get('transport'),
    }


def _disks(disks):
    return [
        {name: disk.get(name) or 0 for name in COUNTERS}
        | {
            'key': disk['key'],
            'total': disk.get('total', disk.get('size')) or 0,
            'label': disk.get('label'),
            'rate': disk.get('rate'),
        }
        for disk in disks
    ]
